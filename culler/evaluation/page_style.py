"""The look of reports: the window's neutral greys, in a dark and a light scheme; system fonts only."""

CSS = """
:root{--ground:#1e1e1e;--card:#2a2a2a;--line:#3d3d3d;--text:#dedede;--low:#a2a2a2;--accent:#7fb2ea;
--span:#3f6f9f;--warm:#eb9a4a}
@media(prefers-color-scheme:light){:root{--ground:#ededed;--card:#fbfbfb;--line:#d2d2d2;--text:#1f1f1f;
--low:#5c5c5c;--accent:#1b5fae;--span:#9fc0e6;--warm:#a85c08}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:48px 24px 72px}
header{margin-bottom:32px}
h1{font-size:32px;line-height:1.2;font-weight:600;margin:4px 0 8px;letter-spacing:-.01em}
h2{font-size:19px;font-weight:600;margin:0 0 8px}
p{margin:0 0 12px;max-width:68ch}
section{margin-top:44px}
.mark,.title,.low{color:var(--low);font-size:13px}
.lead{font-size:17px;color:var(--low)}
.lead b{color:var(--text);font-weight:500;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0}
.cards{display:flex;flex-wrap:wrap;gap:14px;margin-top:0}
.cards .card{flex:1 1 215px}
.cards p{margin:0;font-size:14px;color:var(--low)}
.cards .figure{font-size:34px;line-height:1.3;font-weight:600;color:var(--text);
font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:11px 14px;border-bottom:1px solid var(--line);vertical-align:middle;
font-weight:400}
thead th{color:var(--low);font-size:12.5px;white-space:nowrap}
tbody tr:last-child th,tbody tr:last-child td{border-bottom:0}
tbody th{font-weight:600;min-width:150px}
.baseline th,.baseline td{color:var(--low)}
.number{text-align:right;white-space:nowrap}
.tag{display:inline-block;margin-left:8px;padding:1px 7px;border:1px solid var(--line);border-radius:9px;
font-size:11.5px;font-weight:400;color:var(--low);white-space:nowrap}
td .value{display:inline-block;min-width:38px;font-weight:600}
.notes{margin-top:12px;color:var(--low);font-size:13.5px}
svg{display:block;max-width:100%}
svg text{fill:var(--low);font-size:11px}
.track,.grid{stroke:var(--line);stroke-width:1}
.half,.ideal{stroke:var(--low);stroke-width:1;stroke-dasharray:3 3}
.span{fill:var(--span)}
.dot{fill:var(--accent);stroke:var(--card);stroke-width:1.5}
.curve{fill:none;stroke:var(--accent);stroke-width:2}
.baseline .dot{fill:var(--low)}
.curves{display:flex;flex-wrap:wrap;gap:14px}
.curves .card{flex:0 1 300px}
.curves figcaption{display:flex;justify-content:space-between;gap:8px;margin-bottom:8px}
.curves svg{width:100%;height:auto}
details{margin-top:14px}
summary{cursor:pointer;font-weight:600;padding:6px 0}
.lost{display:flex;flex-wrap:wrap;gap:14px;margin:10px 0}
.pair{display:flex;flex-wrap:wrap;gap:8px;padding:10px;flex:0 0 326px;max-width:100%}
.pair figure{margin:0;flex:0 0 150px}
.pair figcaption{font-size:12px;color:var(--low);margin-top:4px}
.pair figure:first-child figcaption{color:var(--warm)}
.pair img,.absent{display:block;width:150px;height:112px;object-fit:contain;
background:var(--ground);border-radius:5px}
.absent{display:flex;align-items:center;justify-content:center;color:var(--low);font-size:12px}
.pair p{flex:1 0 100%;margin:0;font-size:13px;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(110px,auto) 1fr;gap:8px 20px;margin:0;font-size:14px}
dt{color:var(--low)}
dd{margin:0;max-width:68ch}
@media(max-width:560px){main{padding:28px 16px 48px}h1{font-size:26px}
dl{grid-template-columns:1fr;gap:2px}dd{margin-bottom:10px}}
@media print{body{background:#fff;color:#000}.card,.wide{break-inside:avoid}}
"""
