// Hides every row, path and finding that does not hold all the words that are typed.
const search = document.querySelector("input[type=search]");
const entries = [...document.querySelectorAll("tbody tr, ol.paths > li, .finding")];
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
});
