// What pages need of a script. Without it everything can be read and done, but that nothing changes by itself.
;(() => {
  const language = document.documentElement.lang
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  /** Pixels of a chart. */
  const HEIGHT = 200
  const moment = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  })

  /** Shows moments in the time zone of whoever reads. */
  function localize(root) {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const at = new Date(time.dateTime)
      time.textContent = moment.format(at)
      time.title = at.toISOString()
    }
    for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = !navigator.clipboard
    for (const chart of root.querySelectorAll('[data-chart]')) draw(chart)
  }

  /** Draws a chart of `{ times, series: [{ label, values, tone }] }`: times in seconds since 1970. The same stands in a table. */
  function draw(place) {
    if (!window.uPlot || place.firstChild) return
    const { times, series: given, kind } = JSON.parse(place.dataset.chart)
    const isBars = kind === 'bars'
    // What is drawn later covers the lower part of what was drawn before.
    const series = isBars ? given.reverse() : given
    const style = getComputedStyle(document.documentElement)
    const colour = (name) => style.getPropertyValue(name).trim()
    const bars = isBars ? uPlot.paths.bars({ size: [0.8, 40] }) : undefined
    const axis = {
      stroke: colour('--pico-muted-color'),
      grid: { stroke: colour('--pico-muted-border-color') },
      ticks: { stroke: colour('--pico-muted-border-color') },
    }
    const chart = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        legend: { live: false },
        cursor: { show: false },
        scales: { y: { range: (_chart, _min, max) => [0, Math.max(max, 1)] } },
        axes: [axis, { ...axis, size: 40 }],
        series: [
          {},
          ...series.map(({ label, tone }) => ({
            label,
            stroke: colour(`--chart-${tone}`),
            fill: bars && colour(`--chart-${tone}`),
            width: bars ? 0 : 2,
            points: { show: !bars },
            ...(bars && { paths: bars }),
          })),
        ],
      },
      [times, ...(isBars ? stack(series) : series.map(({ values }) => values))],
      place,
    )
    // Where the window becomes narrower, as a phone does that is turned.
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place)
  }

  /** Each with all that come behind it. */
  function stack(series) {
    return series.map((_one, i) =>
      series[i].values.map((_value, at) =>
        series.slice(i).reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
      ),
    )
  }

  document.addEventListener('click', async ({ target }) => {
    const button = target instanceof Element && target.closest('button[data-copy]')
    if (!button) return
    await navigator.clipboard.writeText(button.dataset.copy)
    button.dataset.copied = ''
    setTimeout(() => delete button.dataset.copied, 2000)
  })

  /** Where something that was asked for was refused, the page says why: in full, and not in the place of what did not come. */
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { isError, requestConfig, serverResponse } = detail
    if (!isError || requestConfig.verb === 'get' || !serverResponse.includes('<main ')) return
    detail.shouldSwap = true
    detail.target = document.getElementById('main')
    detail.selectOverride = '#main'
    detail.swapOverride = 'outerHTML'
  })

  /** Fetches the parts anew that show what has changed. */
  function listen() {
    const url = document.body.dataset.liveUrl
    if (!url || !document.querySelector('[data-live]')) return
    const source = new EventSource(url)
    source.addEventListener('change', ({ data }) => {
      for (const what of JSON.parse(data))
        for (const part of document.querySelectorAll(`[data-live~="${what}"]`))
          htmx.trigger(part, 'change-of-data')
    })
    document.body.dataset.live = 'on'
  }

  document.getElementById('time-zone').textContent = zone
  localize(document)
  document.addEventListener('htmx:load', ({ target }) => localize(target))
  listen()
})()
