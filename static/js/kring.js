// Small helps on every page. Nothing here is needed to use it.

// After a refused form: the notice with the mistakes takes the focus, so it is read first.
function focusNotice(within) {
  const notice = within.querySelector("[data-focus]");
  if (notice) notice.focus();
}

focusNotice(document);
document.addEventListener("htmx:afterSettle", (event) => focusNotice(event.detail.elt));
