// Keys for readers who like them. Every one does what a link or button on the page does too.
"use strict";

const find = (selector, root = document) => root.querySelector(selector);
const papers = () => [...document.querySelectorAll("[data-paper]")];
const setting = find("[data-keys]");
let waitsForPlace = false;

const remember = (value) => { try { localStorage.setItem("keys", value); } catch { /* no storage, no memory */ } };
const remembered = () => { try { return localStorage.getItem("keys"); } catch { return null; } };

function here() {
  return papers().findIndex((paper) => paper.contains(document.activeElement));
}

function step(by) {
  const place = here();
  const all = papers();
  const next = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by];
  if (!next) return;
  find("[data-open]", next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function onPaper(selector, act, page = null) {
  const paper = papers()[here()] ?? page;
  const element = paper && find(selector, paper);
  if (element) act(element);
}

const keys = {
  "/": () => { const field = find("[data-search]"); field?.focus(); field?.select(); },
  j: () => step(1),
  k: () => step(-1),
  o: () => onPaper("[data-open]", (link) => link.click()),
  v: () => onPaper("[data-votebutton]", (button) => button.click(), find(".one")),
  s: () => onPaper("[data-savebutton]", (button) => button.click(), find(".one")),
  c: () => (papers()[here()] ? find("[data-discussion]", papers()[here()]) : find("#discussion [data-discussion]"))?.click(),
  y: () => find("[data-citation] ~ .copy")?.click(),
  a: () => papers()[here()]?.querySelectorAll("[data-toggle]").forEach((toggle) => { toggle.open = !toggle.open; }),
  g: () => { waitsForPlace = true; setTimeout(() => { waitsForPlace = false; }, 1500); },
  "?": () => find("#keys").togglePopover?.(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (setting && !setting.checked) return;
  if (waitsForPlace && event.key === "t") {
    find("[data-key=t]").click();
  } else if (Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
    return;
  }
  waitsForPlace = false;
});

if (setting) {
  setting.closest("[data-script]").hidden = false;
  setting.checked = remembered() !== "off";
  setting.addEventListener("change", () => remember(setting.checked ? "on" : "off"));
}

function offerCopy(place, what, read) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "copy";
  button.setAttribute("aria-label", `copy ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await read());
      button.textContent = "copied";
    } catch {
      button.textContent = "not copied";
    }
  });
  place.after(" ", button);
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

if (navigator.clipboard) {
  for (const text of document.querySelectorAll("[data-copy]")) offerCopy(text, text.textContent, () => text.textContent);
  for (const link of document.querySelectorAll("[data-copylink]")) offerCopy(link, link.textContent, () => link.href);
  for (const link of document.querySelectorAll("[data-copyfile]")) offerCopy(link, link.textContent, () => load(link.href));
}
