// The only script of a listing page. Pure text. html.ts puts it in, and style.ts allows it in the policy.
// The page works without it: then the server filters, links open the pictures, and Back may show old hits.

/**
 * Chromium keeps pages for Back in spite of `Cache-Control: no-store`
 * (developer.chrome.com/docs/web-platform/bfcache-ccns). A person who opens a file and goes back would not
 * see it counted, so such a page is loaded again.
 */
const FRESH_ON_BACK = `
addEventListener("pageshow",(event)=>{
  if(event.persisted)location.reload();
});
`;

/**
 * A picture opens in its row, and the browser requests it only then. It would request a picture in the page
 * itself whenever it sees fit: lazy ones too, all at once, where a page is loaded again and they are still
 * in the browser's memory (HTML standard, the list of available images).
 */
const PREVIEWS = `
for(const cell of document.querySelectorAll(".pic")){
  const name=cell.querySelector("bdi").textContent;
  const preview=document.createElement("details");
  const eye=document.createElement("summary");
  eye.className="eye";
  eye.title="Preview";
  eye.setAttribute("aria-label","Preview "+name);
  preview.append(eye);
  preview.addEventListener("toggle",()=>{
    if(!preview.open||preview.children.length>1)return;
    const picture=new Image();
    picture.alt="Preview of "+name;
    picture.src=cell.querySelector("a").href;
    preview.append(picture);
  });
  cell.append(preview);
}
`;

/**
 * Filters while a person types, where the page has all the rows: each word has to be in the name, regardless
 * of case and of marks on the letters (query.ts does the same on the server). Names are made comparable
 * once, at the first letter. Each further letter costs one pass over them, and only rows that change are
 * touched.
 */
const FILTER = `
const box=document.querySelector(".find");
if(box){
  const field=box.querySelector("input");
  addEventListener("keydown",(event)=>{
    if(event.key!=="/"||event.ctrlKey||event.metaKey||event.altKey)return;
    if(event.target.closest("input,textarea,select,[contenteditable]"))return;
    event.preventDefault();
    field.focus();
  });
}
if(box?.classList.contains("live")){
  const field=box.querySelector("input");
  const told=box.querySelector("output");
  const none=document.querySelector(".none");
  const rows=[...document.querySelectorAll(".sheet tbody tr")].filter((row)=>!row.querySelector(".up"));
  const fold=(text)=>text.normalize("NFD").replace(/\\p{M}/gu,"").toLowerCase();
  let names;
  const filter=()=>{
    names??=rows.map((row)=>fold(row.querySelector("bdi").textContent));
    const words=fold(field.value).split(/\\s+/).filter(Boolean);
    let count=0;
    rows.forEach((row,index)=>{
      const isShown=words.every((word)=>names[index].includes(word));
      if(isShown)count++;
      if(row.hidden===isShown)row.hidden=!isShown;
    });
    const grouped=(number)=>number.toLocaleString("en");
    told.value=words.length>0?grouped(count)+" of "+grouped(rows.length):"";
    none.hidden=count>0;
  };
  field.addEventListener("input",filter);
  field.addEventListener("keydown",(event)=>{
    if(event.key==="Escape"){
      event.preventDefault();
      if(field.value==="")field.blur();
      field.value="";
      filter();
    }
  });
  box.addEventListener("submit",(event)=>{
    event.preventDefault();
    if(field.value.trim()!=="")rows.find((row)=>!row.hidden)?.querySelector("a").click();
  });
}
`;

/** Without line breaks and indents: each line ends so that any other may follow. */
function compactScript(script: string): string {
  return script.replace(/\s*\n\s*/g, "").trim();
}

export const LISTING_SCRIPT: string = compactScript(FRESH_ON_BACK + PREVIEWS + FILTER);
