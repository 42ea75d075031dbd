// What surrounds every screen that is no flow: the side bar of the areas with the work in progress at its foot, the area's title or the way back to it, the list of its sections, and the
// notice while there is no connection to the engine.
// Guarantees: the keyboard begins at the title of an area that is opened, and stays on a section that is chosen; where there is little room, the side bar
// shows icons that are named, and sections are above what they show.
import {
  Alert,
  Anchor,
  Box,
  Container,
  Group,
  Loader,
  Stack,
  Text,
  Title,
  Tooltip,
  UnstyledButton,
} from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowLeft } from '@tabler/icons-react'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { HelpMark } from './parts/help-mark.tsx'
import { BrandMark } from './parts/marks.tsx'
import { areasOf, type Entry, entryOf, sectionsOf, surroundingsOf } from './routes.tsx'
import { SideWork } from './side-work.tsx'
import { type Route, type ScreenName, show, useFromEngine, useStore } from './store.ts'
import { useText } from './text/i18n.ts'

export function Frame({ name, children }: { name: ScreenName; children: React.ReactNode }) {
  const { say } = useText()
  const connected = useStore((store) => store.mirror.connected)
  const { title, area = name, below, headed } = surroundingsOf(name)
  return (
    <Box className="frame">
      <SideBar area={area} />
      {/* Another area begins at its top; another section leaves the keyboard where it is. */}
      <Box className="frame-body" key={below ? name : area}>
        <Container component="main" size={1600} py="lg" px="xl" aria-label={say(title)}>
          {!connected && <Reconnecting />}
          <Stack gap="lg">
            {below && <Back area={area} />}
            {!below && !headed && <AreaHead area={area} />}
            <Sections area={area} shown={name}>
              {children}
            </Sections>
          </Stack>
        </Container>
      </Box>
    </Box>
  )
}

/** Where the side bar has room for words: as in app.css. */
const wide = '(min-width: 62em)'

function SideBar({ area }: { area: ScreenName }) {
  const { say } = useText()
  const areas = useFromEngine(areasOf)
  const narrow = !useMediaQuery(wide, undefined, { getInitialValueInEffect: false })
  return (
    <Stack component="nav" aria-label={say('window.area.label')} className="sidebar" gap={4}>
      <UnstyledButton
        className="sidebar-brand"
        onClick={() => show({ name: 'overview' })}
        aria-label={say('window.home')}
        data-testid="home"
      >
        <BrandMark size={32} className="brand" />
        <Text fw={700} size="lg" className="sidebar-word">
          {say('common.app')}
        </Text>
      </UnstyledButton>
      <Stack component="ul" gap={4} m={0} p={0} className="sidebar-list">
        {areas.map((name) => (
          <Area key={name} entry={entryOf(name)} current={name === area} narrow={narrow} />
        ))}
      </Stack>
      <SideWork narrow={narrow} />
    </Stack>
  )
}

function Area({ entry, current, narrow }: { entry: Entry | undefined; current: boolean; narrow: boolean }) {
  const { say } = useText()
  if (!entry) return null
  const { name, title, icon: Icon } = entry
  return (
    <li>
      <Tooltip
        label={say(title)}
        position="right"
        withinPortal={false}
        floatingStrategy="fixed"
        disabled={!narrow}
        events={{ hover: true, focus: true, touch: false }}
      >
        <UnstyledButton
          className="sidebar-entry"
          aria-current={current ? 'page' : undefined}
          onClick={() => show({ name } as Route)}
          data-testid={`${name}-link`}
        >
          <Icon size={20} aria-hidden />
          <span className="sidebar-word">{say(title)}</span>
        </UnstyledButton>
      </Tooltip>
    </li>
  )
}

function AreaHead({ area }: { area: ScreenName }) {
  const { say } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { title, help } = surroundingsOf(area)
  return (
    <Group gap="xs">
      <Title order={1} ref={heading} tabIndex={-1}>
        {say(title)}
      </Title>
      {help && <HelpMark chapter={help} />}
    </Group>
  )
}

/** The screen, beside the list of its area's sections where there are some. */
function Sections({ area, shown, children }: { area: ScreenName; shown: ScreenName; children: React.ReactNode }) {
  const { say } = useText()
  const sections = sectionsOf(area)
  if (sections.length === 0) return children
  return (
    <Box className="sections">
      <nav aria-label={say(surroundingsOf(area).title)} className="sections-list">
        {sections.map(({ name, title, icon: Icon }) => (
          <UnstyledButton
            key={name}
            className="section-entry"
            aria-current={name === shown ? 'page' : undefined}
            onClick={() => show({ name } as Route)}
            data-testid={name === area ? `${name}-section` : `${name}-link`}
          >
            <Icon size={18} aria-hidden />
            {say(title)}
          </UnstyledButton>
        ))}
      </nav>
      <Box miw={0}>
        <FromTop key={shown} />
        {children}
      </Box>
    </Box>
  )
}

/** A section begins at its top. Before what is in it, which may lead further down. */
function FromTop() {
  const here = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => here.current?.closest('.frame-body')?.scrollTo({ top: 0 }), [])
  return <span ref={here} hidden />
}

function Back({ area }: { area: ScreenName }) {
  const { say } = useText()
  return (
    <Anchor component="button" ta="left" w="fit-content" onClick={() => show({ name: area } as Route)} data-leave>
      <Group gap={4}>
        <IconArrowLeft size={16} aria-hidden />
        {say(surroundingsOf(area).title)}
      </Group>
    </Anchor>
  )
}

function Reconnecting() {
  const { say } = useText()
  return (
    <Alert color="yellow" icon={<Loader size={18} aria-hidden />} role="status" mb="md" data-testid="reconnecting">
      {say('window.reconnecting')}
    </Alert>
  )
}
