// Hides every row, path and finding that does not hold all the words that are typed, and headings that are left bare.
const search = document.querySelector("input[type=search]");
const entries = [...document.querySelectorAll("tbody tr, ol.paths > li, .finding")];
const count = document.querySelector(".search output");
const folds = [...document.querySelectorAll("details")];
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
  const found = entries.filter((entry) => !entry.hidden).length;
  count.textContent = words.length ? `${found} of ${entries.length}` : "";
  for (const fold of folds) {
    const inside = entries.filter((entry) => fold.contains(entry));
    fold.hidden = words.length > 0 && inside.every((entry) => entry.hidden);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
// A path is lit in the drawing and in the list, by pointer and by keyboard, wherever one of its parts is.
for (const stack of document.querySelectorAll("section.stack")) {
  const drawing = stack.querySelector(".diagram");
  const parts = [...stack.querySelectorAll("[data-ways]")];
  const caption = stack.querySelector(".caption");
  const of = (part) => part.dataset.ways.split(" ").filter(Boolean);
  const light = (ways) => {
    for (const part of parts) part.classList.toggle("on", of(part).some((way) => ways.includes(way)));
    drawing?.classList.toggle("lit", ways.length > 0);
  };
  for (const part of parts) {
    const show = () => {
      light(of(part));
      const said = part.querySelector("title");
      if (caption && said) caption.textContent = said.textContent;
    };
    for (const start of ["pointerenter", "focusin"]) part.addEventListener(start, show);
    for (const end of ["pointerleave", "focusout"]) part.addEventListener(end, () => light([]));
  }
}
const hint = () => {
  for (const drawing of document.querySelectorAll(".drawing"))
    drawing.previousElementSibling.hidden = drawing.scrollWidth <= drawing.clientWidth;
};
addEventListener("resize", hint);
hint();
for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const text = button.previousElementSibling.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "selected";
    }
  });
}
addEventListener("beforeprint", () => folds.forEach((fold) => { fold.open = true; }));
