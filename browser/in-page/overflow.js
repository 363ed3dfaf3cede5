/** What makes the page wider than the window; empty where it can be read without scrolling sideways. */
;() => {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return []
  const isWide = (element) => element.getBoundingClientRect().right > clientWidth + 1
  const wide = [...document.body.querySelectorAll('*')].filter(isWide)
  const named = wide.map(({ localName, className }) => `${localName}.${className}`)
  return [`${scrollWidth} px`, ...new Set(named)].slice(0, 6)
}
