// The marks of Arche: the ark of the application icon, and the four states as the tray shows them.
// Guarantees: drawn once for the whole program: the states are the very files of the tray (resources/tray), painted in the colour of the text around.
// Says nothing by itself: a word stands beside each.
import type { Protection } from '../../core/api/protection-model.ts'
import ark from '../../resources/icons/icon.svg?url'

export interface MarkProps {
  size?: number | string | undefined
  className?: string | undefined
}

/** The application icon. */
export function BrandMark({ size = 28, className }: MarkProps) {
  return <img src={ark} alt="" width={size} height={size} className={className} draggable={false} />
}

/** How well something is protected: shield, triangle, cross, question mark (app.css). */
function LevelMark({ level, size = 20, className = '' }: MarkProps & { level: Protection['level'] }) {
  return (
    <span
      className={`level-mark ${className}`}
      data-mark={level}
      style={{ width: size, height: size }}
      aria-hidden="true"
    />
  )
}

export type Mark = (props: MarkProps) => React.ReactNode

export const levelMarks = {
  protected: (props) => <LevelMark level="protected" {...props} />,
  attention: (props) => <LevelMark level="attention" {...props} />,
  unprotected: (props) => <LevelMark level="unprotected" {...props} />,
  unset: (props) => <LevelMark level="unset" {...props} />,
} as const satisfies Record<Protection['level'], Mark>
