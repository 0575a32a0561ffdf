// Sets the colour scheme before the first paint. A file of its own because the content security policy
// forbids inline scripts. Same storage key as src/app/main: "bw-color-scheme" holds light, dark or auto.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('bw-color-scheme') || 'auto';
  } catch {
    // Storage may be blocked; the system's scheme is a good answer then.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
