// The packing list: print it.
document.querySelector("[data-print]").addEventListener("click", () => print());
