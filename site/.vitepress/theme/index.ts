import DefaultTheme from 'vitepress/theme-without-fonts'
import type { Theme } from 'vitepress'
import RaceFigure from './race/RaceFigure.vue'
// oxlint-disable-next-line import/no-unassigned-import
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('RaceFigure', RaceFigure)
  },
} satisfies Theme
