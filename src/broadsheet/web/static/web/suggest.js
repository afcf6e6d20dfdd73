// Suggestions under a search field: a combobox with a list, as the ARIA practices describe it. Without scripts the field
// is a field.
"use strict";

const WAIT = 90;

function offerSuggestions(field) {
  const list = document.createElement("ul");
  const said = document.createElement("span");
  list.id = `${field.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  said.className = "unseen";
  said.setAttribute("role", "status");
  field.form.append(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) field.setAttribute(name, value);

  let waiting, asked, chosen = -1;

  function choose(place) {
    const options = [...list.children];
    chosen = place < -1 ? options.length - 1 : place >= options.length ? -1 : place;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    clearTimeout(waiting);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    said.textContent = "";
    choose(-1);
  }

  function show([, texts, kinds, addresses]) {
    list.replaceChildren(...texts.map((text, at) => {
      const option = document.createElement("li");
      const what = document.createElement("bdi");
      const kind = document.createElement("small");
      option.id = `${list.id}-${at}`;
      option.setAttribute("role", "option");
      option.dataset.address = addresses[at];
      what.textContent = text;
      kind.textContent = kinds[at];
      option.append(what, " ", kind);
      return option;
    }));
    if (!texts.length) { close(); return; }
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    said.textContent = `${texts.length} ${texts.length === 1 ? "suggestion" : "suggestions"}`;
    choose(-1);
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const typed = field.value;
    try {
      const address = `${field.dataset.suggestions}?q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : null;
      if (found && !signal.aborted && field.value === typed && document.activeElement === field) show(found);
    } catch { /* no suggestions, then */ }
  }

  function visit(option) {
    close();
    location.assign(option.dataset.address);
  }

  field.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.isComposing) return;
    if (field.value.trim().length < 2) close();
    else waiting = setTimeout(ask, WAIT);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden) {
      if (event.key === "ArrowDown" && field.value.trim().length > 1) { event.preventDefault(); ask(); }
    } else if (step) {
      event.preventDefault();
      choose(chosen + step);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      visit(list.children[chosen]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });

  field.addEventListener("blur", close);
  field.form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) visit(option);
  });
}

for (const field of document.querySelectorAll("[data-suggestions]")) offerSuggestions(field);
