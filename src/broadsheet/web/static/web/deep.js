// The first papers of a search, read more closely: they stand here already and are reordered when the answer comes.
// Without scripts the link leads to the same page in its new order.
"use strict";

const nameOf = (row) => row.querySelector("[data-open]").getAttribute("href");

function reorder(list, fresh) {
  const here = new Map([...list.children].map((row) => [nameOf(row), row]));
  const focused = document.activeElement;
  const rows = [...fresh.children].map((row) => {
    const kept = here.get(nameOf(row));
    if (!kept) return document.adoptNode(row);
    const [was, is] = [kept, row].map((one) => one.querySelector(".why table"));
    if (was && is) was.replaceWith(is);
    return kept;
  });
  list.replaceChildren(...rows);
  if (list.contains(focused)) focused.focus({ preventScroll: true });
}

function leadOn(fresh) {
  const links = (page) => [...page.querySelectorAll(".found > .sentence:not([data-deep]) a, .pager a")];
  const now = new Map(links(fresh).map((link) => [link.textContent, link.getAttribute("href")]));
  for (const link of links(document)) if (now.has(link.textContent)) link.setAttribute("href", now.get(link.textContent));
}

async function readClosely(place, link) {
  const said = place.querySelector("[role=status]");
  said.textContent = "Reading…";
  link.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [list, order] = [document, fresh].map((page) => page.querySelector(".hits"));
    if (!order) throw new Error("no papers");
    reorder(list, order);
    leadOn(fresh);
    history.replaceState(null, "", link.href);
    if (document.activeElement === link) place.focus({ preventScroll: true });
    link.remove();
    said.textContent = fresh.querySelector("[data-deep]")?.textContent ?? "";
  } catch {
    link.removeAttribute("aria-disabled");
    said.textContent = "That did not work; the papers stand in their first order.";
  }
}

const place = document.querySelector("[data-deep]");
const link = place?.querySelector("a");

link?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!link.hasAttribute("aria-disabled")) readClosely(place, link);
});
