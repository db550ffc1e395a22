import { readFileSync, writeFileSync } from 'node:fs'
import { type EChartsOption, init } from 'echarts'
import type { Grid } from './results.ts'
import type { machine } from './report.ts'

/** The part of the results of the benchmark `tree` that the chart shows. */
interface Results {
  machine: ReturnType<typeof machine>
  grids: [Grid]
}

interface Panel {
  title: string
  /** Milliseconds, in the order of the packages. `null`: not all processes were killed. */
  values: (number | null)[]
}

/** The colours in light mode. In dark mode the style sheet replaces each by the one of the same name. */
const ink = { text: '#1f2328', muted: '#59636e', line: '#d1d9e0', ours: '#0969da', others: '#818b98', paper: '#ffffff' }
const dark = {
  text: '#f0f6fc',
  muted: '#9198a1',
  line: '#3d444d',
  ours: '#4493f8',
  others: '#8b949e',
  paper: '#0d1117',
}

/** Pixels. */
const [WIDTH, ROW, GAP, TOP, BOTTOM] = [860, 19, 40, 96, 32]
const LEFTS = [150, 526]
const PANEL = 310

const OURS = 'killtarget'
/** Not shown, because it is the same package. */
const OMITTED = 'killtarget, sync'

/** Draws the times until all processes of a tree are dead, as SVG. The same results give the same file. */
export function drawTree(
  results = new URL('./results/tree.json', import.meta.url),
  file = new URL('../docs/tree.svg', import.meta.url),
): void {
  const { machine, grids } = JSON.parse(readFileSync(results, 'utf8')) as Results
  const { columns, rows } = grids[0]
  const shown = columns.map((_, index) => index).filter((index) => columns[index] !== OMITTED)
  const compared = rows.filter(({ cells }) => cells.every((cell) => cell !== null)) // measured for all packages
  const panels = compared.map(({ what, cells }) => {
    return { title: what, values: shown.map((index) => cells[index]?.value ?? null) }
  })
  const names = shown.map((index) => columns[index]!)
  const height = TOP + Math.ceil(panels.length / 2) * (names.length * ROW + GAP) - GAP + BOTTOM
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption(option(panels, names, subtitle(machine)))
  writeFileSync(file, themed(chart.renderToSVGString()))
  chart.dispose()
}

function subtitle({ killtarget, kernel, node, cores }: Results['machine']): string {
  const [system] = /^\w+ \d+\.\d+/.exec(kernel) ?? [kernel]
  return `SIGKILL; less is better; logarithmic scale. killtarget ${killtarget}, Node ${node}, ${system}, ${cores} cores`
}

function option(panels: Panel[], names: string[], subtext: string): EChartsOption {
  const all = panels.flatMap(({ values }) => values).filter((value) => value !== null)
  const [min, max] = [10 ** Math.floor(Math.log10(Math.min(...all))), 10 ** Math.ceil(Math.log10(Math.max(...all)))]
  const place = (index: number) => {
    const row = Math.floor(index / 2)
    return { left: LEFTS[index % 2]!, top: TOP + row * (names.length * ROW + GAP) }
  }
  const isLast = (index: number) => index >= panels.length - 2
  return {
    animation: false,
    backgroundColor: ink.paper,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: [
      {
        text: 'Time until every process of a tree is dead',
        subtext,
        left: 14,
        top: 10,
        textStyle: { color: ink.text, fontSize: 16, fontWeight: 600 },
        subtextStyle: { color: ink.muted, fontSize: 12 },
      },
      ...panels.map(({ title }, index) => ({
        text: title,
        left: place(index).left,
        top: place(index).top - 22,
        padding: 0,
        textStyle: { color: ink.text, fontSize: 13, fontWeight: 600 as const },
      })),
    ],
    grid: panels.map((_, index) => ({ ...place(index), width: PANEL, height: names.length * ROW })),
    xAxis: panels.map((_, index) => ({
      type: 'log' as const,
      gridIndex: index,
      min,
      max,
      axisLabel: { show: isLast(index), color: ink.muted, fontSize: 11, formatter: time },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: ink.line } },
    })),
    yAxis: panels.map((_, index) => ({
      type: 'category' as const,
      gridIndex: index,
      data: names,
      inverse: true,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        show: index % 2 === 0,
        interval: 0,
        fontSize: 12,
        color: (name) => (name === OURS ? ink.ours : ink.muted),
      },
    })),
    series: panels.map(({ values }, index) => ({
      type: 'scatter' as const,
      xAxisIndex: index,
      yAxisIndex: index,
      symbolSize: 9,
      silent: true,
      data: values.flatMap((value, name) =>
        value === null
          ? []
          : {
              value: [value, name],
              itemStyle: { color: names[name] === OURS ? ink.ours : ink.others, opacity: 1 },
              label: {
                show: true,
                position: value < max / 10 ? ('right' as const) : ('left' as const),
                formatter: time(value),
                color: names[name] === OURS ? ink.ours : ink.text,
                textBorderColor: ink.paper, // against the grid lines behind it
                textBorderWidth: 3,
                fontSize: 11,
              },
            },
      ),
    })),
  }
}

function time(milliseconds: number): string {
  const [value, unit] = milliseconds < 1000 ? [milliseconds, 'ms'] : [milliseconds / 1000, 's']
  return `${Number(value.toPrecision(2))} ${unit}`
}

/** Adds the colours for dark mode. They include the background, because the page's own is unknown. */
function themed(svg: string): string {
  const rules = Object.entries(ink).flatMap(([name, light]) =>
    ['fill', 'stroke'].map((what) => `[${what}="${light}"] { ${what}: ${dark[name as keyof typeof dark]} }`),
  )
  const style = `<style>@media (prefers-color-scheme: dark) { ${rules.join(' ')} }</style>`
  return `${svg.replace(/<svg[^>]*>/, (tag) => `${tag}\n${style}`)}\n`
}
