// What allauth's passkey scripts cannot do is said on the page. Without a browser that has passkeys, no button offers them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {  // after allauth's scripts, which listen for the same
  if (!window.PublicKeyCredential) return;
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = false;
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { name } = event.detail.exception;
  const place = document.querySelector("[data-passkey-problem]");
  if (!place) return;
  if (name === "NotAllowedError") place.textContent = "Your device did not go on. Try again, or use a code by mail.";
  else if (name === "InvalidStateError") place.textContent = "This device has a passkey for your account already.";
  else if (name === "SecurityError") place.textContent = "Passkeys work at the site's own name over https, or at localhost.";
  else place.textContent = "The passkey could not be used. Try again, or use a code by mail.";
});
