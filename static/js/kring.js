// Small helps on every page. Nothing here is needed to use it.

// After a refused form: the notice with the mistakes takes the focus, so it is read first.
function focusNotice(within) {
  const notice = within.querySelector("[data-focus]");
  if (notice) notice.focus();
}

focusNotice(document);
document.addEventListener("htmx:afterSettle", (event) => focusNotice(event.detail.elt));

// What asks again by itself rests while nobody looks at the page.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-calm]")) event.preventDefault();
});
