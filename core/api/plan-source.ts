// What every kind of source has in common, for those that do not care which kind it is: a table with one row a kind (sources/). Pure.
// Guarantees: a kind without a row does not compile.

import type { Login } from './database.ts'
import type { Exclusions } from './exclusion.ts'
import type { Plan, PlanSource } from './plan.ts'
import type { SourceFace, WholeServer } from './sources/face.ts'
import { folders } from './sources/folders.ts'
import { labbook } from './sources/labbook.ts'
import { mysql } from './sources/mysql.ts'

export type SourceKind = PlanSource['kind']
export type SourceOf<Kind extends SourceKind> = Extract<PlanSource, { kind: Kind }>

const faces = { folders, labbook, mysql } satisfies { [Kind in SourceKind]: SourceFace<SourceOf<Kind>> }

/** In the order in which they are offered. */
export const sourceKinds = Object.keys(faces) as SourceKind[]

function faceOf({ kind }: { readonly kind: SourceKind }): SourceFace<PlanSource> {
  return faces[kind] as SourceFace<PlanSource>
}

/** Absolute paths that a plan reads, for people and for comparing. */
export function pathsOf(source: PlanSource): readonly string[] {
  return faceOf(source).paths(source)
}

/** With which login a plan reads a database server. */
export function loginOf(source: PlanSource): Login | undefined {
  return faceOf(source).login(source)
}

/** Databases that a plan names, of a server with several; undefined: its kind has no such choice. */
export function databasesOf(source: PlanSource): readonly string[] | 'all' | undefined {
  return faceOf(source).databases(source)
}

/** The server that a restore of its backups writes back as a whole: one database and the folder of its documents. */
export function wholeServerOf(source: PlanSource): WholeServer | undefined {
  return faceOf(source).server(source)
}

type LeavingOut = Extract<PlanSource, Exclusions>

/** True when a person can say what is left out. */
export function leavesOut(source: PlanSource): source is LeavingOut {
  return faceOf(source).leavesOut
}

/** True when LabBook's own tool must be able to restore the backups. */
export function isForLabbook(source: { readonly kind: SourceKind }): boolean {
  return faceOf(source).forLabbook
}

/** What the names of a plan's backups carry: LabBook's are named after the database. */
export function nameInArchive({ name, source }: Pick<Plan, 'name' | 'source'>): string {
  return wholeServerOf(source)?.database.name ?? name
}
