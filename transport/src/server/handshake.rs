//! Handshakes: who may begin one, how many are under way, and for how long.
//!
//! Nobody is known before the handshake is done. What a stranger can take is therefore bounded apart from what
//! banks have: places in all, places for one address, and time.
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use quinn::Incoming;

use super::{Bounds, State, connection};
use crate::limits::{HANDSHAKE_DRAIN, RETRY_ABOVE};

/// Handshakes under way.
#[derive(Debug, Default)]
pub(super) struct Handshakes(Mutex<UnderWay>);

#[derive(Debug, Default)]
struct UnderWay {
    count: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A network that one host may have all addresses of.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Handshakes {
    fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Takes a place for an address, if it and the server have one.
    fn begin(&self, address: IpAddr, bounds: &Bounds) -> bool {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let network = network(address);
        let here = under_way.by_address.get(&network).copied().unwrap_or(0);
        if under_way.count >= bounds.handshakes_max || here >= bounds.handshakes_per_address {
            return false;
        }
        under_way.count += 1;
        under_way.by_address.insert(network, here + 1);
        true
    }

    fn end(&self, address: IpAddr) {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.count = under_way.count.saturating_sub(1);
        let network = network(address);
        match under_way.by_address.get_mut(&network) {
            Some(here) if *here > 1 => *here -= 1,
            _ => drop(under_way.by_address.remove(&network)),
        }
    }
}

/// One handshake under way; its place is given back when dropped.
struct Place {
    state: Arc<State>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.state.handshakes.end(self.address);
    }
}

fn refused(reason: &'static str) {
    metrics::counter!("causeway_transport_refused_total", "reason" => reason).increment(1);
}

/// Refuses who wants to connect, asks for proof of the address, or goes on with the handshake.
pub(super) fn admit(incoming: Incoming, state: &Arc<State>, thread: usize) {
    let connections = state.connections.load(Ordering::Acquire);
    let crowded =
        connections > RETRY_ABOVE || state.handshakes.count() >= state.bounds.retry_above_handshakes;
    if crowded && !incoming.remote_address_validated() {
        metrics::counter!("causeway_transport_retries_total").increment(1);
        // Whoever cannot answer at its address costs nothing more than this.
        let _ = incoming.retry();
        return;
    }
    if connections >= state.connections_max {
        refused("connections");
        return incoming.refuse();
    }
    let address = incoming.remote_address().ip();
    if !state.handshakes.begin(address, &state.bounds) {
        refused("handshakes");
        return incoming.refuse();
    }
    let place = Place {
        state: state.clone(),
        address,
    };
    tokio::spawn(shake(incoming, place, thread));
}

async fn shake(incoming: Incoming, place: Place, thread: usize) {
    // Left off in the middle it is closed: a certificate that does not come will not be waited for.
    match tokio::time::timeout(place.state.bounds.handshake_time, incoming).await {
        Ok(Ok(made)) => {
            let state = place.state.clone();
            drop(place);
            connection::serve(made, &state, thread).await;
        }
        Ok(Err(error)) => {
            refused("handshake");
            tracing::debug!(%error, "a handshake failed");
            tokio::time::sleep(HANDSHAKE_DRAIN).await;
        }
        Err(_) => {
            refused("handshake_time");
            tokio::time::sleep(HANDSHAKE_DRAIN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_hold_the_places_of_all() {
        let (handshakes, bounds) = (Handshakes::default(), Bounds::default());
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|a| a.parse().expect("an address"));
        for _ in 0..bounds.handshakes_per_address {
            assert!(handshakes.begin(one, &bounds));
        }
        assert!(!handshakes.begin(one, &bounds));
        assert!(handshakes.begin(other, &bounds));
        handshakes.end(one);
        assert!(handshakes.begin(one, &bounds));
        for _ in 0..bounds.handshakes_per_address {
            handshakes.end(one);
        }
        handshakes.end(other);
        assert_eq!(handshakes.count(), 0);
        assert!(handshakes.0.lock().expect("unbroken").by_address.is_empty());
    }

    #[test]
    fn all_addresses_together_have_a_bound_and_a_network_is_one_address() {
        let (handshakes, bounds) = (Handshakes::default(), Bounds::default());
        let taken = (0..=255u128)
            .flat_map(|net| (0..8u128).map(move |host| (net, host)))
            .filter(|(net, host)| {
                let address = Ipv6Addr::from_bits((0x2001_0db8 << 96) | (net << 64) | host);
                handshakes.begin(IpAddr::V6(address), &bounds)
            })
            .count();
        assert_eq!(taken, bounds.handshakes_max);
        let within = |host: u128| network(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | host)));
        assert_eq!(within(1), within(u128::from(u64::MAX)));
        assert_ne!(within(1), within(1 << 64));
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().expect("an address");
        assert_eq!(
            network(mapped),
            "192.0.2.1".parse::<IpAddr>().expect("an address")
        );
    }
}
