/**
 * Resolves as soon as the page shows a text, with the milliseconds since a moment of the page's clock. With undefined where it
 * takes too long.
 */
;(text, since, limitMs) =>
  new Promise((resolve) => {
    const isShown = () => document.body.innerHTML.includes(text)
    const tell = () => {
      observer.disconnect()
      resolve(isShown() ? performance.now() - since : undefined)
    }
    const observer = new MutationObserver(() => isShown() && tell())
    observer.observe(document.body, { childList: true, subtree: true, attributes: true })
    setTimeout(tell, limitMs)
    if (isShown()) tell()
  })
