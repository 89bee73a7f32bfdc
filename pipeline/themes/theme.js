// Before the first paint: the reader's choice of light or dark.
try {
  const chosen = localStorage.getItem("appearance");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch (error) { /* storage is denied to some files from disk: follow the system */ }
