//! How a page looks: by light and by dark, on a screen and on paper.

/// The style sheet. No `<` and no `&` in it: the page is XML, too.
pub const STYLE: &str = "
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#17202b;--soft:#5a6675;--edge:#e2e6eb;--grid:#edf0f3;
--a:#2f6fde;--b:#d9822b;--c:#0f9488;--d:#8b4fd1;--e:#d1477a;--f:#6a9a1f;--g:#7a8899;--i:#b08d00;--good:#1a7f4b;--bad:#c0342b;
--h0:#e4eefc;--h1:#c3daf8;--h2:#9cc2f2;--h3:#f6dfa4;--h4:#f4bf6a;--h5:#ee9645;--h6:#dd6033;--h7:#b32d26;--none:#eef0f2}
@media (prefers-color-scheme:dark){:root{--bg:#0f141a;--card:#171e27;--ink:#e6ebf1;--soft:#97a4b4;--edge:#28323f;--grid:#222b36;
--a:#6fa4f7;--b:#efa653;--c:#45c2b5;--d:#bd93f2;--e:#f084ab;--f:#a5cf5f;--g:#93a1b1;--i:#dcc04a;--good:#4fc98a;--bad:#f0776d;
--h0:#1d2f47;--h1:#234a78;--h2:#2f6bad;--h3:#7d6a33;--h4:#ab7f2f;--h5:#cf8a35;--h6:#e4703f;--h7:#f5564a;--none:#1c242e}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:28px 20px 48px}
header{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 20px;color:var(--soft);font-size:13px}
header b{color:var(--ink);font-weight:600}
section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:18px 22px;margin-top:16px;overflow-x:auto}
h1{font-size:38px;line-height:1.15;font-weight:650;margin:0;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
h1 small{font-size:17px;font-weight:450;color:var(--soft);letter-spacing:0}
h2{font-size:16px;font-weight:620;margin:0 0 2px}
p{margin:4px 0 0}
.about{color:var(--soft);max-width:104ch}
.say{color:var(--soft);font-size:13px;margin:0 0 10px;max-width:118ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(112px,1fr));gap:1px;margin:16px 0 0;border:1px solid var(--edge);border-radius:8px;overflow:hidden}
.tiles div{box-shadow:0 0 0 1px var(--edge);padding:10px 14px}
.tiles span{display:block;color:var(--soft);font-size:12px}
.tiles b{font-size:19px;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.off{margin-top:14px;border-left:4px solid var(--b);padding:2px 0 2px 12px}
.off.none{border-color:var(--good)}
.off b{font-weight:620}
.on{margin-top:8px;color:var(--soft);font-size:13px}
.alarm{background:var(--card);border-left:5px solid var(--bad)}
.alarm b{color:var(--bad)}
.good{color:var(--good)}
.bad{color:var(--bad)}
svg{display:block;width:100%;min-width:680px;height:auto;overflow:visible;font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
svg text{fill:var(--ink)}
svg .tick,svg .unit{fill:var(--soft);font-size:11.5px;font-variant-numeric:tabular-nums}
svg .named{font-size:12px;font-weight:600;paint-order:stroke;stroke:var(--card);stroke-width:4px}
svg .note{font-size:11px;fill:var(--soft)}
svg .nothing{fill:var(--soft);font-size:14px}
svg .inside{fill:#fff;font-size:11.5px}
@media (prefers-color-scheme:dark){svg .inside{fill:#10151b}}
.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:var(--grid);stroke-width:1}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.area{stroke:none;opacity:.13}
.dash{stroke-dasharray:5 4}
.level{stroke:var(--bad);stroke-width:1.2;stroke-dasharray:6 4}
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.mark.outage{stroke:var(--bad);stroke-dasharray:none}
.hit{fill:transparent}
.hit:hover{fill:var(--soft);opacity:.12}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.d{stroke:var(--d)}.line.e{stroke:var(--e)}.line.g{stroke:var(--g)}
.area.a,.dot.a,.key.a,.bar.a{fill:var(--a)}.area.b,.dot.b,.key.b,.bar.b{fill:var(--b)}.area.c,.dot.c,.key.c,.bar.c{fill:var(--c)}
.area.d,.dot.d,.key.d,.bar.d{fill:var(--d)}.area.e,.dot.e,.key.e,.bar.e{fill:var(--e)}.dot.f,.key.f,.bar.f{fill:var(--f)}
.area.g,.dot.g,.key.g,.bar.g{fill:var(--g)}.bar.i{fill:var(--i)}
.bar.limit{fill:var(--g);opacity:.55}
.h{fill:var(--none)}.h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}.h6{fill:var(--h6)}.h7{fill:var(--h7)}
table{border-collapse:collapse;width:100%;font-size:13.5px;margin-top:8px}
th,td{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-top:1px solid var(--edge)}
th{font-weight:500;color:var(--soft)}
tr th:first-child{width:230px}
td{overflow-wrap:anywhere}
thead th{border-top:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;width:auto}
pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-x:auto;margin:8px 0 0}
summary{cursor:pointer;font-weight:620}
footer{color:var(--soft);font-size:12.5px;margin-top:16px}
@media print{section{break-inside:avoid}body{background:#fff}}
";
