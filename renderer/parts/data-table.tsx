// A table of any number of rows: only those in sight are drawn. Sorted by a click on a column's head, chosen by ticks where somebody wants that.
// Guarantees: each row is counted for screen readers although few are drawn; a column that has no room is left out, never cut.
import { Box, Checkbox, Group, Table, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useText } from '../text/i18n.ts'

export interface Column<Row> {
  readonly key: string
  readonly label: string
  readonly cell: (row: Row) => React.ReactNode
  /** CSS; absent: an equal part of what is left. */
  readonly width?: string
  /** Comparison for sorting by it, ascending; absent: not sorted by. */
  readonly order?: (one: Row, other: Row) => number
  /** Its label is only read aloud: the column is too narrow, or needs none. */
  readonly quiet?: true
  /** Only in a window that is at least so wide. */
  readonly from?: keyof typeof widths
}

export interface Choosing<Row> {
  readonly chosen: ReadonlySet<string>
  readonly onChange: (chosen: ReadonlySet<string>) => void
  readonly describe: (row: Row) => string
}

interface Props<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly idOf: (row: Row) => string
  /** `data-…` of a row. */
  readonly dataOf?: (row: Row) => Readonly<Record<`data-${string}`, string | undefined>>
  readonly sorted?: { readonly key: string; readonly down: boolean }
  readonly choosing?: Choosing<Row>
  /** The last row came into sight. */
  readonly onEnd?: () => void
  readonly testId: string
}

/** Where the side bar has words (as in app.css), and where there is room beside it. */
const widths = { wide: '(min-width: 62em)', widest: '(min-width: 75em)' } as const
/** More rows than these scroll by themselves. */
const fewRows = 12
/** Pixels, until a row was measured. */
const rowHeight = 52

export function DataTable<Row>(props: Props<Row>) {
  const { label, rows, columns, idOf, dataOf, choosing, onEnd, testId } = props
  const [sorted, setSorted] = useState(props.sorted)
  const wide = useMediaQuery(widths.wide, true, { getInitialValueInEffect: false })
  const widest = useMediaQuery(widths.widest, true, { getInitialValueInEffect: false })
  const shown = columns.filter(({ from }) => from === undefined || (from === 'wide' ? wide : widest))
  const inOrder = useMemo(() => sortedBy(rows, columns, sorted), [rows, columns, sorted])
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: inOrder.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: (at) => idOf(inOrder[at] as Row),
    overscan: 8,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (last?.end ?? 0)
  const atEnd = last?.index === inOrder.length - 1
  // Each time that more rows came and their end is in sight again.
  useEffect(() => {
    if (atEnd && inOrder.length > 0) onEnd?.()
  }, [atEnd, inOrder.length, onEnd])
  const count = shown.length + (choosing ? 1 : 0)
  return (
    <Box
      ref={box}
      className={rows.length > fewRows ? 'panel data-table long' : 'panel data-table'}
      tabIndex={0}
      role="group"
      aria-label={label}
      data-testid={testId}
    >
      <Table
        layout="fixed"
        highlightOnHover
        highlightOnHoverColor="var(--arche-hover)"
        verticalSpacing="xs"
        stickyHeader
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <colgroup>
          {choosing && <col style={{ width: '3rem' }} />}
          {shown.map(({ key, width }) => (
            <col key={key} style={width === undefined ? {} : { width }} />
          ))}
        </colgroup>
        <Table.Thead>
          <Table.Tr aria-rowindex={1}>
            {choosing && <ChooseAll rows={rows} idOf={idOf} choosing={choosing} />}
            {shown.map((column) => (
              <Head key={column.key} column={column} sorted={sorted} onSort={setSorted} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {above > 0 && <Gap height={above} columns={count} />}
          {items.map(({ index, key }) => {
            const row = inOrder[index] as Row
            return (
              <Table.Tr
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
                {...dataOf?.(row)}
              >
                {choosing && <Choose row={row} id={idOf(row)} choosing={choosing} />}
                {shown.map(({ key: name, cell }) => (
                  <Table.Td key={name}>{cell(row)}</Table.Td>
                ))}
              </Table.Tr>
            )
          })}
          {below > 0 && <Gap height={below} columns={count} />}
        </Table.Tbody>
      </Table>
    </Box>
  )
}

type Sorted = Props<never>['sorted']

function sortedBy<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorted: Sorted): readonly Row[] {
  const order = sorted && columns.find(({ key }) => key === sorted.key)?.order
  if (!order) return rows
  return rows.toSorted((one, other) => (sorted.down ? order(other, one) : order(one, other)))
}

interface HeadProps<Row> {
  column: Column<Row>
  sorted: Sorted
  onSort: (sorted: Sorted) => void
}

function Head<Row>({ column: { key, label, order, quiet }, sorted, onSort }: HeadProps<Row>) {
  if (!order) return <Table.Th>{quiet ? <VisuallyHidden>{label}</VisuallyHidden> : label}</Table.Th>
  const mine = sorted?.key === key ? sorted : undefined
  const Mark = mine?.down ? IconArrowDown : IconArrowUp
  return (
    <Table.Th aria-sort={mine ? (mine.down ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton onClick={() => onSort({ key, down: mine ? !mine.down : false })} className="data-head">
        <Group gap={4} wrap="nowrap" component="span">
          <Text span size="sm" fw={700}>
            {label}
          </Text>
          <Mark size={14} aria-hidden style={mine ? {} : { visibility: 'hidden' }} />
        </Group>
      </UnstyledButton>
    </Table.Th>
  )
}

interface ChooseAllProps<Row> {
  rows: readonly Row[]
  idOf: (row: Row) => string
  choosing: Choosing<Row>
}

function ChooseAll<Row>({ rows, idOf, choosing: { chosen, onChange } }: ChooseAllProps<Row>) {
  const { say } = useText()
  const all = rows.length > 0 && chosen.size >= rows.length
  return (
    <Table.Th>
      <Checkbox
        size="xs"
        checked={all}
        indeterminate={!all && chosen.size > 0}
        onChange={() => onChange(all ? new Set() : new Set(rows.map(idOf)))}
        aria-label={say('window.table.all')}
      />
    </Table.Th>
  )
}

function Choose<Row>({ row, id, choosing }: { row: Row; id: string; choosing: Choosing<Row> }) {
  const { chosen, onChange, describe } = choosing
  const change = () => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChange(next)
  }
  return (
    <Table.Td>
      <Checkbox size="xs" checked={chosen.has(id)} onChange={change} aria-label={describe(row)} />
    </Table.Td>
  )
}

/** As high as the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}
