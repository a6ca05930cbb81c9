/** After the first visit the site works without a network. The one-file build is offline as it is. */
if (import.meta.env.PROD && import.meta.env.MODE !== 'single' && 'serviceWorker' in navigator) {
  // Without a service worker (a private window, an embedding that forbids it) the page works all the same.
  navigator.serviceWorker.register('./sw.js').catch(() => undefined);
}
