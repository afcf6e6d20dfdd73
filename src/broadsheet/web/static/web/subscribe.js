// A new subscription begins in the browser's time zone; without scripts, or where we do not know it, in UTC.
"use strict";

const beginning = document.querySelector("[data-guesses-zone]");

if (beginning) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const zones = beginning.elements.time_zone;
  if ([...zones.options].some((option) => option.value === timeZone)) {
    zones.value = timeZone;
    const said = beginning.querySelector("[data-zone-said]");
    if (said) said.textContent = `(${timeZone.replaceAll("_", " ")})`;
  }
}
