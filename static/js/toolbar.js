// The Markdown buttons above a text field. One listener serves every toolbar, also later ones.
// Preview posts the text as `text` to the address in data-preview, by htmx, and shows the answer.

const MARKS = {
  bold: (text) => `**${text || "…"}**`,
  list: (text) => text.split("\n").map((line) => `- ${line}`).join("\n"),
  quote: (text) => text.split("\n").map((line) => `> ${line}`).join("\n"),
  link: (text) => `[${text || "…"}](https://)`,
};

const areaOf = (toolbar) => document.getElementById(toolbar.getAttribute("aria-controls"));

function mark(area, how) {
  let { selectionStart: from, selectionEnd: to } = area;
  // Lists and quotes work on whole lines.
  if (how === "list" || how === "quote") from = area.value.lastIndexOf("\n", from - 1) + 1;
  area.setRangeText(MARKS[how](area.value.slice(from, to)), from, to, "select");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function preview(button, toolbar, area) {
  const shown = document.getElementById(area.dataset.previewIn);
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", on);
  area.hidden = on;
  shown.hidden = !on;
  if (!on || !window.htmx) return;
  const token = area.form.elements.csrfmiddlewaretoken;
  const values = { text: area.value, csrfmiddlewaretoken: token ? token.value : "" };
  window.htmx.ajax("POST", toolbar.dataset.preview, { target: shown, swap: "innerHTML", values });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".toolbar [data-md]");
  if (!button) return;
  const toolbar = button.closest(".toolbar");
  const area = areaOf(toolbar);
  if (button.dataset.md === "preview") preview(button, toolbar, area);
  else if (!area.hidden) mark(area, button.dataset.md);
});

// One stop for the Tab key: the arrows move within the toolbar.
document.addEventListener("keydown", (event) => {
  const button = event.target.closest(".toolbar [data-md]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!button || !step) return;
  const buttons = [...button.parentElement.querySelectorAll("[data-md]")];
  const next = buttons[(buttons.indexOf(button) + step + buttons.length) % buttons.length];
  for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
  next.focus();
  event.preventDefault();
});
