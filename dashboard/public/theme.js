// Runs before the first paint, so that a chosen theme never flashes in the other one.
(function () {
  try {
    var chosen = localStorage.getItem('unbroken.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch (_) {
    /* storage refused: follow the system */
  }
})();
