// Votes and saves answer at once; the page says so when the server did not agree. Without scripts they are plain forms.
"use strict";

function say(form, words) {
  let note = form.querySelector("[role=alert]");
  if (!note) {
    note = document.createElement("span");
    note.setAttribute("role", "alert");
    form.append(note);
  }
  note.textContent = words;
}

async function send(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

function showVote(form, votes, isGiven) {
  form.querySelector("[data-votes]").textContent = votes.toLocaleString("en");
  form.querySelector("button").setAttribute("aria-pressed", isGiven);
  form.elements.vote.value = isGiven ? "0" : "1";
}

async function vote(form) {
  const before = Number(form.querySelector("[data-votes]").textContent.replaceAll(",", ""));
  const isGiven = form.elements.vote.value === "1";
  const sent = send(form);
  showVote(form, before + (isGiven ? 1 : -1), isGiven);
  try {
    const { votes, voted } = await sent;
    showVote(form, votes, voted);
    say(form, "");
  } catch (error) {
    showVote(form, before, !isGiven);
    say(form, error.message || "The vote did not arrive.");
  }
}

function showSave(form, isSaved) {
  const button = form.querySelector("button");
  button.setAttribute("aria-pressed", isSaved);
  button.textContent = isSaved ? "saved" : "save";
  form.elements.save.value = isSaved ? "0" : "1";
}

async function save(form) {
  const isSaved = form.elements.save.value === "1";
  const sent = send(form);
  showSave(form, isSaved);
  try {
    showSave(form, (await sent).saved);
    say(form, "");
  } catch (error) {
    showSave(form, !isSaved);
    say(form, error.message || "It was not saved.");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const act = form.matches("[data-vote]") ? vote : form.matches("[data-save]") ? save : null;
  if (!act) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  act(form).finally(() => delete form.dataset.busy);
});

// A form that takes seconds says so, and is sent once; a page that comes back from the browser's memory begins anew.

function wait(form, isWaiting) {
  form.querySelector("[data-waiting]").hidden = !isWaiting;
  form.querySelector("button").disabled = isWaiting;
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-waits]")) setTimeout(() => wait(event.target, true));
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("[data-waits]").forEach((form) => wait(form, false));
});
