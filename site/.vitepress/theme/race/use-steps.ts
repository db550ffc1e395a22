import { onMounted, onUnmounted, ref } from 'vue'
import { LAST } from './steps.ts'

const INTERVAL = 2000

/** The current step of the figure, and the ways to change it. */
export function useSteps() {
  // What is rendered without JavaScript is the outcome.
  const current = ref(LAST)
  const mounted = ref(false)
  const playing = ref(false)
  let timer: ReturnType<typeof setInterval> | undefined

  function pause() {
    clearInterval(timer)
    playing.value = false
  }

  function show(step: number) {
    pause()
    current.value = step
  }

  function next() {
    show(current.value === LAST ? 0 : current.value + 1)
  }

  function play() {
    if (current.value === LAST) current.value = 0
    playing.value = true
    timer = setInterval(() => {
      current.value += 1
      if (current.value === LAST) pause()
    }, INTERVAL)
  }

  onMounted(() => {
    current.value = 0
    mounted.value = true
  })
  onUnmounted(pause)

  return { current, mounted, playing, show, next, play, pause }
}
