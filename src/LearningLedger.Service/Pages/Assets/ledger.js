// A courtesy on top of pages that work without it: a slider says where it stands while it moves, a print button prints.
"use strict";
for (const slider of document.querySelectorAll("input[type=range][data-labels]")) {
  const labels = document.getElementById(slider.dataset.labels).options;
  const output = document.getElementById(slider.dataset.output);
  const tell = () => {
    const label = labels[slider.value - slider.min]?.label ?? "";
    output.textContent = label;
    slider.setAttribute("aria-valuetext", label);
  };
  slider.addEventListener("input", tell);
  tell();
}
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
