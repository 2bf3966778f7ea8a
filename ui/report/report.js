// Draws the figures in the reader's appearance; on paper in the light one, as wide as the sheet, tables open.
(() => {
  const palettes = JSON.parse(document.getElementById("palettes").textContent)
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const paper = matchMedia("print")
  const paperWidth = 680 // CSS pixels of an A4 sheet between margins of 15 mm

  const draw = (isPaper) => {
    const palette = palettes[dark.matches && !isPaper ? "dark" : "light"]
    for (const plot of document.querySelectorAll(".plot")) {
      let text = document.getElementById(plot.id + "-spec").textContent
      for (const [placeholder, color] of Object.entries(palette)) text = text.replaceAll(`"${placeholder}"`, `"${color}"`)
      const figure = JSON.parse(text)
      figure.layout.width = isPaper ? paperWidth : plot.clientWidth
      Plotly.react(plot, figure.data, figure.layout, { displayModeBar: false })
    }
    for (const rows of document.querySelectorAll("details")) {
      if (isPaper) { rows.dataset.was = rows.open ? "open" : ""; rows.open = true }
      else if ("was" in rows.dataset) { rows.open = rows.dataset.was === "open"; delete rows.dataset.was }
    }
  }

  let isPaper = false
  const turn = (now) => { if (now !== isPaper) { isPaper = now; draw(now) } }
  draw(false)
  dark.addEventListener("change", () => draw(isPaper))
  paper.addEventListener("change", (event) => turn(event.matches))
  addEventListener("beforeprint", () => turn(true))
  addEventListener("afterprint", () => turn(false))
  addEventListener("resize", () => { if (!isPaper) draw(false) })
})()
