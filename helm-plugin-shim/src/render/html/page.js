"use strict";
(() => {
  const folds = () => document.querySelectorAll("details");
  const tools = document.querySelector(".tools");
  if (tools) {
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const way = event.target.dataset.fold;
      if (way) document.querySelectorAll("#changes ~ details, #changes ~ details details").forEach((fold) => { fold.open = way === "open"; });
    });
  }
  // A link to something that is folded away unfolds it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const fold = target && target.closest("details");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
  // Paper cannot be unfolded.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...folds()].filter((fold) => !fold.open);
    closed.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));
})();
