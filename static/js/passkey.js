// Passkeys: asks the browser for one, and sends with the form what it shows.
// <form data-passkey="create|get|ask">: the options stand on the page, or (ask) behind the address.
const { webauthnJSON } = window;

async function optionsFor(form) {
  if (form.dataset.passkey !== "ask") return JSON.parse(document.getElementById("passkey-options").textContent);
  const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error("no options");
  return (await reply.json()).request_options;
}

function alone(options, wanted) {
  if (!wanted) return options;
  const more = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  options.publicKey.authenticatorSelection = { ...options.publicKey.authenticatorSelection, ...more };
  return options;
}

async function show(form) {
  const options = await optionsFor(form);
  return form.dataset.passkey === "create"
    ? webauthnJSON.create(alone(options, form.elements.alone.checked))
    : webauthnJSON.get(options);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!webauthnJSON.supported()) {
    form.hidden = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await show(form));
      form.submit();
    } catch {
      failed.hidden = false;
      failed.focus();
    }
  });
}
