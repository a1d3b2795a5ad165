// The style of a README below a listing. Pure text. Called by listing-style.ts. Whatever is wider than
// the window, a table or a line of code, scrolls inside itself.

export const README_STYLE = `
.readme{margin-top:1.5rem;background:var(--sheet);border:1px solid var(--line);border-radius:12px;overflow:clip}
.readme>p{margin:0;padding:.625rem 1.25rem;border-bottom:1px solid var(--line);font-size:.8125rem;font-weight:500;overflow-wrap:anywhere}
.readme>p a{display:flex;color:var(--quiet)}
.readme>p a:hover{color:var(--accent)}
.readme>p a::before{content:"";flex:none;width:1.25rem;height:1.25rem;margin-right:.625rem;background:var(--quiet);-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat}
.md{max-width:48rem;padding:.5rem 1.25rem 1rem;overflow-wrap:anywhere}
.md :is(h2,h3,h4,h5,h6){margin:1.75em 0 .5em;font-weight:600;line-height:1.3;letter-spacing:-.01em}
.md>:is(h2,h3,h4,h5,h6):first-child{margin-top:.75em}
.md h2{font-size:1.5rem}
.md h3{font-size:1.25rem}
.md h4{font-size:1.0625rem}
.md :is(h5,h6){font-size:1rem;color:var(--quiet)}
.md :is(p,ul,ol,pre,blockquote){margin:0 0 1em}
.md .wide{margin:0 0 1em}
.md :is(ul,ol){padding-left:1.5rem}
.md li{margin:.25em 0}
.md li :is(ul,ol){margin-bottom:0}
.md a{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em}
.md a:hover{text-decoration-thickness:2px}
.md code{padding:.125em .35em;border-radius:5px;background:var(--hover);font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.md pre{padding:.75rem 1rem;border-radius:8px;background:var(--hover);overflow-x:auto;overflow-wrap:normal}
.md pre code{padding:0;background:none}
.md>pre.text{padding:0;margin:.75rem 0;background:none;white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.md blockquote{padding:.125rem 0 .125rem 1rem;border-left:3px solid var(--fill);color:var(--quiet)}
.md blockquote>:last-child{margin-bottom:0}
.md .wide{overflow-x:auto;overflow-wrap:normal}
.md table{border-collapse:collapse;font-size:.9375rem}
.md :is(th,td){min-width:5rem;padding:.375rem .75rem;border:1px solid var(--line);vertical-align:top}
.md th{background:var(--hover);font-weight:600;white-space:nowrap}
.md :is(th,td){text-align:left}
.md .c{text-align:center}
.md .r{text-align:right}
.md img{max-width:100%;height:auto;border-radius:6px;vertical-align:middle}
.md hr{margin:2em 0;border:0;border-top:1px solid var(--line)}
.md :is(pre,.wide):focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
@media (max-width:640px){.md,.readme>p{padding-left:.875rem;padding-right:.875rem}}
`;
