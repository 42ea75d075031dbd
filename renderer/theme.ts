// Colours and shapes. Every text colour keeps a contrast of at least 4.5 to 1 on what it stands on, light and dark.
// Status colours are green, yellow, red and gray, never alone: an icon and a word always stand beside them.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { fontName } from './fonts.ts'

const sea: MantineColorsTuple = [
  '#e9f4f8',
  '#d3e6ee',
  '#a9cedd',
  '#7cb6cd',
  '#57a1be',
  '#3f93b5',
  '#2380a6',
  '#106c94',
  '#065c81',
  '#004a69',
]

/** Mantine's dark greys, leaning towards the same blue. */
const dark: MantineColorsTuple = [
  '#dbe3e7',
  '#b8c4ca',
  '#a3b0b7',
  '#7f8d95',
  '#3a454b',
  '#2b3439',
  '#222a2e',
  '#1c2327',
  '#14191c',
  '#0f1315',
]

export const theme = createTheme({
  colors: { sea, dark },
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 7 },
  black: '#1b2429',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: `"${fontName}", -apple-system, "Segoe UI", Ubuntu, Cantarell, "Noto Sans", "Liberation Sans", system-ui, sans-serif`,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "Noto Sans Mono", "Liberation Mono", monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.1rem' }, h3: { fontSize: '1rem' } },
  },
})

/** Where Mantine's own choice is too pale to read. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f8f9',
    '--mantine-color-dimmed': '#55636b',
    '--mantine-color-placeholder': '#67747b',
    '--mantine-color-error': '#b42318',
    '--mantine-color-disabled-color': '#66727a',
    '--mantine-color-green-light-color': '#17582a',
    '--mantine-color-yellow-light-color': '#6b4300',
    '--mantine-color-red-light-color': '#8f1d14',
    '--mantine-color-gray-light-color': '#3d484f',
    '--mantine-color-green-light': '#e1f3e6',
    '--mantine-color-yellow-light': '#fdf3da',
    '--mantine-color-red-light': '#fce9e7',
    '--mantine-color-sea-light': '#e4f0f5',
    '--mantine-color-gray-light': '#e9edf0',
    '--arche-panel': '#ffffff',
    '--arche-scroll': '#a9b4ba',
    '--arche-edge': '#dde3e7',
    '--arche-hover': '#f3f6f8',
    '--arche-good': '#1f7a3a',
    '--arche-warn': '#a86500',
    '--arche-bad': '#b42318',
    '--arche-quiet': '#5f6c74',
    '--arche-good-tint': '#eef8f0',
    '--arche-warn-tint': '#fff7e6',
    '--arche-bad-tint': '#fdf0ee',
    '--arche-quiet-tint': '#eff2f4',
  },
  dark: {
    '--mantine-color-body': '#14191c',
    '--mantine-color-text': '#dbe3e7',
    '--mantine-color-dimmed': '#a3b0b7',
    '--mantine-color-placeholder': '#93a0a7',
    '--mantine-color-error': '#ff9c92',
    '--mantine-color-disabled-color': '#98a5ac',
    '--mantine-color-disabled': '#222a2e',
    '--mantine-color-green-light': '#17331f',
    '--mantine-color-yellow-light': '#382b10',
    '--mantine-color-red-light': '#421f1c',
    '--mantine-color-sea-light': '#15323f',
    '--mantine-color-gray-light': '#2b3439',
    '--mantine-color-anchor': '#7cb6cd',
    '--arche-hover': '#222a2e',
    '--mantine-color-sea-outline': '#7cb6cd',
    '--arche-panel': '#1c2327',
    '--arche-scroll': '#4d5a61',
    '--arche-edge': '#323c42',
    '--arche-good': '#5fcf82',
    '--arche-warn': '#f0b54a',
    '--arche-bad': '#ff8d82',
    '--arche-quiet': '#a3b0b7',
    '--arche-good-tint': '#17291d',
    '--arche-warn-tint': '#2b2415',
    '--arche-bad-tint': '#311d1b',
    '--arche-quiet-tint': '#21292d',
  },
})
