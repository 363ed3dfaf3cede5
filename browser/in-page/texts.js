/** What the page says, or of that what is always the same: its headings, names, values and buttons. But for moments, which a script shows in the zone of whoever reads. */
;(which) => {
  const SELECTORS = {
    fixed: 'main :is(h1, h2, h3, thead th, dt, label, legend)',
    all: 'main :is(h1, h2, h3, th, td, dt, dd, label, legend, p, button, a, summary, small)',
  }
  const seen = [...document.querySelectorAll(SELECTORS[which])].filter(
    (element) =>
      element.getClientRects().length > 0 &&
      !element.closest('.chart') &&
      !element.querySelector('time') &&
      !element.closest('time') &&
      !element.closest('[data-copy]') &&
      !element.querySelector('[data-copy]'),
  )
  return seen.map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())
}
