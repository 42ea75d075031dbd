// The suite of sources on every kind there is: a tree, databases of a real MariaDB, and a LabBook server of both.
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { PlanSource } from '../../core/api/plan.ts'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { openSource } from '../../core/sources/open.ts'
import { contentOf, databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { opened, picture, throughArchive } from '../support/trees.ts'
import type { MakeSource, SourceScene } from './fixtures/source-scene.ts'
import { noise } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'
import { sourceSuite } from './source-suite.ts'

let base: string
let server: Mariadb
let labbook: LabbookSource

beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'arche-source-')))
  server = await startMariadb()
  labbook = labbookServer(server, base)
  shop()
  zoo()
  server.sql(
    `CREATE USER saver@localhost; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON *.* TO saver@localhost;
     ANALYZE TABLE SIGL.kinds, shop.goods, zoo.animals`,
  )
})

afterAll(async () => {
  await server.remove()
  rmSync(base, { recursive: true, force: true })
})

function open(source: PlanSource, temp: string, password = '') {
  return openSource(source, { leaveOut: [], temp, databasePassword: password })
}

/** Puts it elsewhere, and gives the way back. */
function aside(path: string): () => void {
  renameSync(path, `${path}.aside`)
  return () => renameSync(`${path}.aside`, path)
}

// --- folders ----------------------------------------------------------------------------------------------------------

const big = noise(3 * 1024 * 1024)

function tree(): { top: string; second: string } {
  const folder = temporaryFolder()
  const [top, second] = [join(folder, 'Maison é'), join(folder, 'two')]
  for (const path of [join(top, 'albums/deep'), join(top, 'empty'), join(top, 'later'), second])
    mkdirSync(path, { recursive: true })
  writeFileSync(join(top, '0 first.txt'), 'first')
  for (const name of ['a', 'b', 'c']) writeFileSync(join(top, 'albums/deep', name), noise(40_000, name.charCodeAt(0)))
  writeFileSync(join(top, 'big.bin'), big)
  writeFileSync(join(top, 'later/one'), 'one')
  writeFileSync(join(top, 'later/two'), '')
  linkSync(join(top, '0 first.txt'), join(top, 'same'))
  symlinkSync('/nowhere', join(top, 'symlink'))
  writeFileSync(join(top, 'zz last.txt'), 'last')
  writeFileSync(join(second, 'plain'), 'plain')
  return { top, second }
}

const foldersHere: MakeSource = async () => {
  const { top, second } = tree()
  const temp = temporaryFolder()
  const during = { during: 'archive', path: /big\.bin$/ }
  return {
    temp,
    open: () => open({ kind: 'folders', paths: [top, second], exclude: [] }, temp),
    folders: [top, second],
    opening: opened,
    picture: () => [picture(top), picture(second)],
    exact: { estimate: true, item: true },
    operations: ['archive'],
    ahead: false,
    missing: { 'a folder': { away: () => aside(second), code: 'source-missing' } },
    vanishing: {
      'a folder': { ...during, away: () => aside(join(top, 'later')) },
      'a file': { ...during, away: () => aside(join(top, 'zz last.txt')) },
      'a whole root': { ...during, away: () => aside(second) },
      'the end of the file': { ...during, away: () => cut(join(top, 'big.bin')) },
    },
    large: (bytes) => {
      writeFileSync(join(top, 'huge'), noise(bytes + 1))
      return () => rmSync(join(top, 'huge'))
    },
  }
}

function cut(path: string): () => void {
  truncateSync(path, 700_000)
  return () => writeFileSync(path, big)
}

/** Files are opened by those who pack them: blocks ahead of what is told. */
const foldersLate: MakeSource = async () => {
  const scene = await foldersHere()
  const { 'the end of the file': _, ...vanishing } = scene.vanishing
  return { ...scene, opening: throughArchive, ahead: true, vanishing }
}

// --- databases --------------------------------------------------------------------------------------------------------

function shop(): void {
  server.sql(
    `CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop; CREATE TABLE goods (id INT PRIMARY KEY, body LONGBLOB);
     INSERT INTO goods SELECT seq, REPEAT(0xFF00, 50000) FROM seq_1_to_30;`,
  )
}

function zoo(): void {
  server.sql(
    `CREATE DATABASE zoo CHARACTER SET latin1; USE zoo; CREATE TABLE animals (id INT PRIMARY KEY, name VARCHAR(20));
     INSERT INTO animals VALUES (1, 'lion'), (2, 'éléphant');`,
  )
}

function rows(database: string): (bytes: number) => () => void {
  return (bytes) => {
    // Two characters for each byte of a row.
    const count = Math.ceil(bytes / 400_000)
    server.sql(
      `CREATE TABLE large (id INT PRIMARY KEY, body LONGBLOB); INSERT INTO large SELECT seq, REPEAT(0xFF00, 100000) FROM seq_1_to_${count}`,
      database,
    )
    return () => void server.sql('DROP TABLE large', database)
  }
}

function without(sql: string, make: () => unknown): () => () => void {
  return () => {
    server.sql(sql)
    return () => void make()
  }
}

/** What differs from dump to dump. */
const steady = (data: Buffer) =>
  Buffer.from(data.toString('latin1').replace(/^-- Dump completed on .*$/m, '-- Dump completed'), 'latin1')

const dumped = {
  folders: [],
  opening: opened,
  steady,
  ahead: false,
} as const

const mysql: MakeSource = async () => {
  const temp = temporaryFolder()
  const login = { user: 'saver', socket: server.socket }
  return {
    ...dumped,
    temp,
    open: () => open({ kind: 'mysql', server: login, databases: ['shop', 'zoo'] }, temp),
    picture: () => [server.sql('SHOW DATABASES'), contentOf(server, 'shop'), contentOf(server, 'zoo')],
    exact: { estimate: false, item: false },
    operations: ['archive', 'dump', 'archive', 'dump', 'archive'],
    missing: {
      'a database': { away: without('DROP DATABASE zoo', zoo), code: 'database-missing' },
      'the password': {
        away: without("ALTER USER saver@localhost IDENTIFIED BY 'new'", () =>
          server.sql("ALTER USER saver@localhost IDENTIFIED BY ''"),
        ),
        code: 'database-denied',
      },
    },
    vanishing: {
      'the next database': { during: 'dump', path: /shop/, away: without('DROP DATABASE zoo', zoo) },
    },
    large: rows('shop'),
  }
}

const both: MakeSource = async () => {
  const temp = temporaryFolder()
  const { storage } = labbook
  const rename = (from: string, to: string) => server.sql(`RENAME USER ${from}@localhost TO ${to}@localhost`)
  return {
    ...dumped,
    temp,
    open: () => open(labbook, temp, databasePassword),
    folders: [storage],
    picture: () => [picture(storage), contentOf(server, 'SIGL')],
    exact: { estimate: false, item: true },
    operations: ['dump', 'archive'],
    missing: {
      'the storage folder': { away: () => aside(storage), code: 'source-missing' },
      'the login': {
        away: () => {
          rename('labbook', 'other')
          return () => void rename('other', 'labbook')
        },
        code: 'database-denied',
      },
    },
    vanishing: {
      'a folder of documents': { during: 'dump', away: () => aside(join(storage, 'upload')) },
      // Its folder is listed by then.
      'a document': { during: 'archive', path: /cr_1/, away: () => aside(join(storage, 'report/cr_3.pdf')) },
    },
    large: rows('SIGL'),
  }
}

/** A kind that is added is asked for here. */
const scenes = {
  folders: { 'opened here': foldersHere, 'opened by those who pack': foldersLate },
  mysql: { MariaDB: mysql },
  labbook: { 'a server': both },
} satisfies Record<PlanSource['kind'], Record<string, MakeSource>>

for (const [kind, makes] of Object.entries(scenes) as [string, Record<string, () => Promise<SourceScene>>][])
  for (const [how, make] of Object.entries(makes)) sourceSuite(`${kind}, ${how}`, make)
