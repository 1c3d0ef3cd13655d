// A scanner ends each line of a zone with Enter: when all lines are there, the check is asked. Without it the button does.
"use strict";
const zone = document.getElementById("mrz");
const lines = { 44: 2, 36: 2, 30: 3 };
zone.addEventListener("input", () => {
  const all = zone.value.split(/[\r\n]+/);
  const wanted = lines[all[0].trim().length];
  if (all.pop() === "" && all.length === wanted && all.every((line) => line.trim().length === all[0].trim().length))
    zone.form.requestSubmit();
});
