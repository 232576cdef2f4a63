"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const search = document.getElementById("search");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const changes = [...document.querySelectorAll(".change")];
  const groups = [...document.querySelectorAll(".group")];
  const texts = new Map();
  const text = (change) => {
    if (!texts.has(change)) texts.set(change, change.textContent.toLowerCase());
    return texts.get(change);
  };
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    const actions = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const change of changes) {
      const is_shown = actions.has(change.dataset.action) && (!wanted || text(change).includes(wanted));
      change.hidden = !is_shown;
      if (is_shown) count += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector(".change:not([hidden])");
    document.getElementById("shown").textContent = `${count} of ${changes.length} objects`;
  };
  const fold = (open) => () => {
    for (const change of changes) if (!change.hidden) change.open = open;
  };
  const go = () => {
    const found = document.getElementById(location.hash.slice(1));
    if (!found || !found.matches(".change,.group")) return;
    const hidden = found.hidden || found.querySelector(".change[hidden]");
    if (hidden) {
      search.value = "";
      for (const box of boxes) box.checked = true;
      filter();
    }
    if (found.matches(".change")) {
      found.open = true;
      found.querySelector("summary").focus();
    }
    found.scrollIntoView();
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", fold(true));
  document.getElementById("fold").addEventListener("click", fold(false));
  window.addEventListener("hashchange", go);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a");
    if (link && link.getAttribute("href") === location.hash) go();
  });
  form.hidden = false;
  filter();
  go();
})();
