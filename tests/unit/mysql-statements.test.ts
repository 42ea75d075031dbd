// Dividing a file of SQL into statements, and judging them: pure, with a file on disk.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Guard } from '../../core/databases/mysql/guard.ts'
import { databaseIn } from '../../core/databases/mysql/load.ts'
import { type Statement, statementsOf } from '../../core/databases/mysql/statements.ts'

async function divided(sql: string | Buffer): Promise<Statement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arche-sql-'))
  writeFileSync(join(folder, 'a.sql'), sql)
  const file = await open(join(folder, 'a.sql'))
  try {
    const found: Statement[] = []
    for await (const { text, bytes, line, end, length, rows } of statementsOf(file))
      found.push({ text, bytes: Buffer.from(bytes), line, end, length, rows })
    return found
  } finally {
    await file.close()
    rmSync(folder, { recursive: true })
  }
}

const texts = async (sql: string | Buffer) => (await divided(sql)).map(({ text }) => text)

describe('statements', () => {
  it('end at the delimiter, but not inside of strings, names and comments', async () => {
    const one = `INSERT INTO t VALUES ('a;b''c\\';', "d;\\"", 1) /* ; */`
    expect(await texts(`${one};\n-- it's; nothing\n# nor; this'\nSELECT \`a;\`\`b\` -- ;\n;`)).toEqual([
      one,
      'SELECT `a;``b` -- ;\n',
    ])
  })

  it('keep executable comments whole, and follow a change of delimiter', async () => {
    const trigger =
      '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t AFTER INSERT ON u FOR EACH ROW BEGIN SET @a = 1; END */'
    expect(await texts(`/*!40101 SET NAMES utf8 */;\nDELIMITER ;;\n${trigger};;\ndelimiter ;\nSELECT 1;`)).toEqual([
      '/*!40101 SET NAMES utf8 */',
      trigger,
      'SELECT 1',
    ])
  })

  it('are told with their lines, and every byte of them', async () => {
    const bytes = Buffer.from([0x27, 0xff, 0x00, 0x80, 0x0a, 0x27])
    const found = await divided(Buffer.concat([Buffer.from('-- x\n\nSELECT 1;\nSELECT '), bytes, Buffer.from(';')]))
    expect(found.map(({ line }) => line)).toEqual([3, 4])
    expect(
      Buffer.from(found[1]?.text ?? '', 'latin1')
        .subarray(7)
        .equals(bytes),
    ).toBe(true)
  })

  it('may be cut anywhere by the reading, and longer than a reading', async () => {
    // The end of a reading falls on each byte of what follows, in turn.
    for (let shift = 0; shift < 12; shift += 1) {
      const first = `SELECT '${'x'.repeat(1024 * 1024 - 14 - shift)}\\'';`
      const [one = '', ...others] = await texts(`${first}/*!1 a*/;-- b\nc;`)
      expect(one.length).toBe(first.length - 1)
      expect(others.map((text) => text.replace('-- b\n', ''))).toEqual(['/*!1 a*/', 'c'])
    }
    const long = `SELECT '${'é;'.repeat(3_000_000)}'`
    expect((await texts(`${long};`)).map((text) => text === Buffer.from(long).toString('latin1'))).toEqual([true])
  })

  it('must end', async () => {
    for (const sql of ['SELECT 1', "SELECT 'a;", 'SELECT 1; SELECT /* ;'])
      await expect(divided(sql)).rejects.toMatchObject({ code: 'load-failed', details: { reason: 'no-end' } })
    expect(await texts('SELECT 1;\n-- Dump completed')).toEqual(['SELECT 1'])
  })
})

const events: [string, boolean][] = []
function admit(sql: string, guard = newGuard()): string | undefined {
  const bytes = Buffer.from(sql, 'latin1')
  return guard.admit({ text: sql, bytes, line: 1, end: 0, length: sql.length })?.toString()
}

function newGuard(mariadb = true): Guard {
  const server = { number: mariadb ? 101119 : 80036, mariadb }
  return new Guard({
    server,
    database: 'scratch',
    events: (name, enabled) => {
      events.push([name, enabled])
      return 'DISABLE'
    },
  })
}

function reasonOf(sql: string, guard = newGuard()): unknown {
  try {
    return `admitted: ${admit(sql, guard)}`
  } catch (error) {
    expect(error).toMatchObject({ code: 'dump-refused', details: { line: 1 } })
    return (error as { details: { reason: string } }).details.reason
  }
}

describe('the guard', () => {
  it.each([
    'DROP TABLE IF EXISTS `a`',
    "INSERT  IGNORE INTO `a` (`b`, `c`) VALUES (1.5e-3,'x\\'; DROP DATABASE y','',NULL,_binary 'z',0xFF00,b'1',-2),(DEFAULT,\"q\",TRUE)",
    "INSERT INTO a VALUES ('it''s (SELECT 1)')",
    'REPLACE INTO a VALUES (1)',
    "CREATE TABLE `a` (`select` int DEFAULT 1.5, j json CHECK (json_valid(`j`)), g int GENERATED ALWAYS AS (`a` * 2) STORED, CONSTRAINT c FOREIGN KEY (x) REFERENCES `b` (`y`)) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COMMENT='a.b'",
    'CREATE DEFINER=`root`@`localhost` PROCEDURE `p`() BEGIN DROP DATABASE x; END',
    "SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO'",
    "SET @@SESSION.time_zone = '+00:00'",
    'SET character_set_client = utf8mb4',
    'SET NAMES utf8mb4 COLLATE utf8mb4_general_ci',
    'DO SETVAL(`s`, -1, 0)',
    'ALTER TABLE `a` ADD CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES `b` (`y`)',
    'COMMIT',
    'START TRANSACTION',
  ])('lets through what dumps hold: %s', (sql) => {
    expect(admit(sql)).toBe(sql)
  })

  it('resolves executable comments as the server would', () => {
    expect(admit('/*!40000 ALTER TABLE `a` DISABLE KEYS */')?.trim()).toBe('ALTER TABLE `a` DISABLE KEYS')
    expect(admit('/*M!100616 SET @a=@@NOTE_VERBOSITY */')).toContain('SET')
    expect(admit('/*M!100616 SET @a=1 */', newGuard(false))).toBeUndefined()
    expect(admit('/*!80000 SET SESSION information_schema_stats_expiry=0 */')).toBeUndefined()
    expect(admit('/*M!999999\\- enable the sandbox mode */ \n/*!40101 SET NAMES utf8 */')).toContain('SET NAMES utf8')
    expect(admit('CREATE PROCEDURE p() BEGIN /* é; */ END')).toContain('/* é; */')
  })

  it.each([
    ['USE mysql', 'other-database'],
    ['CREATE DATABASE x', 'other-database'],
    ['/*!40000 DROP DATABASE IF EXISTS `x`*/', 'other-database'],
    ['DROP TABLE a, mysql.user', 'other-database'],
    ['DROP /*!50000 TABLE mysql.*/ user', 'other-database'],
    ['DROP TABLE `a` . `b`', 'other-database'],
    ['INSERT INTO mysql.user VALUES (1)', 'other-database'],
    ['INSERT INTO `mysql`.`user` VALUES (1)', 'other-database'],
    ['INSERT /*!50000 INTO mysql.user SELECT 1 */ INTO a VALUES (1)', 'nested'],
    ['INSERT INTO a SELECT * FROM mysql.user', 'not-of-a-dump'],
    ['INSERT INTO a VALUES ((SELECT 1))', 'not-of-a-dump'],
    ['INSERT INTO a VALUES (sleep(1))', 'not-of-a-dump'],
    ["INSERT INTO a VALUES ('a', load_file('/etc/passwd'))", 'not-of-a-dump'],
    ['INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE b = f()', 'not-of-a-dump'],
    ['INSERT INTO a VALUES (1); DROP DATABASE x', 'not-of-a-dump'],
    ['CREATE TABLE mysql.x (a int)', 'other-database'],
    ['CREATE TABLE x LIKE mysql.user', 'other-database'],
    ['CREATE TABLE x AS SELECT * FROM user', 'runs-code'],
    ['CREATE TABLE x (a int, FOREIGN KEY (a) REFERENCES other.t (a))', 'other-database'],
    ["CREATE TABLE x (a int) DATA DIRECTORY='/etc'", 'file-access'],
    ["CREATE TABLE x (a int) ENGINE=CONNECT TABLE_TYPE=CSV FILE_NAME='/etc/passwd'", 'file-access'],
    ["CREATE TABLE x (a int) ENGINE 'FEDERATED' CONNECTION='mysql://x'", 'file-access'],
    ["CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", 'file-access'],
    ['CREATE TRIGGER t AFTER INSERT ON mysql.user FOR EACH ROW SET @a = 1', 'other-database'],
    ['CREATE VIEW mysql.v AS SELECT 1', 'other-database'],
    ['CREATE USER x', 'not-of-a-dump'],
    ['ALTER TABLE a RENAME TO mysql.b', 'other-database'],
    ['ALTER TABLE a RENAME TO b', 'not-of-a-dump'],
    ['ALTER USER root IDENTIFIED BY ""', 'not-of-a-dump'],
    ['GRANT ALL ON *.* TO x', 'not-of-a-dump'],
    ['SET GLOBAL general_log = 1', 'not-of-a-dump'],
    ['SET @@GLOBAL.general_log = 1', 'not-of-a-dump'],
    ['SET PASSWORD = "x"', 'not-of-a-dump'],
    ['SET @a = (SELECT 1)', 'not-of-a-dump'],
    ["SET sql_mode = 'NO_SUCH_MODE'", 'sql-mode'],
    ['SET sql_mode = @never_set', 'sql-mode'],
    ['SET sql_mode = DEFAULT', 'sql-mode'],
    ["SET sql_mode = 'ANSI' 'x'", 'sql-mode'],
    ["SET @a = 'x', sql_mode = @a", 'sql-mode'],
    ["SET sql_mode = 'ANSI', @a = @@sql_mode", 'sql-mode'],
    ['SET sql_mode = @@GLOBAL.sql_mode', 'not-of-a-dump'],
    ['SET sql_mode = 1048576', 'sql-mode'],
    ['SET NAMES gbk', 'sql-mode'],
    ["SET session_track_system_variables = '*'", 'not-of-a-dump'],
    ["LOAD DATA INFILE '/etc/passwd' INTO TABLE a", 'not-of-a-dump'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 'not-of-a-dump'],
    ['\\! touch /tmp/x', 'client-command'],
    ['system touch /tmp/x', 'client-command'],
    ['source /tmp/x', 'client-command'],
    ['DO sleep(1)', 'not-of-a-dump'],
    ['CALL p()', 'not-of-a-dump'],
    ['/*!40101 SET NAMES utf8', 'nested'],
    ["INSERT INTO a VALUES ('", 'no-end'],
  ])('refuses %s', (sql, reason) => {
    expect(reasonOf(sql)).toBe(reason)
  })

  it('fills no table that has got a trigger, and no view', () => {
    const guard = newGuard()
    admit('CREATE TRIGGER x BEFORE INSERT ON `Patient` FOR EACH ROW DELETE FROM mysql.user', guard)
    admit('CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`b` SQL SECURITY DEFINER VIEW `v` AS SELECT * FROM mysql.user', guard)
    expect(reasonOf('INSERT INTO `patient` VALUES (1)', guard)).toBe('runs-code')
    expect(reasonOf('REPLACE v VALUES (1)', guard)).toBe('runs-code')
    expect(admit('INSERT INTO other VALUES (1)', guard)).toBeDefined()
  })

  it('puts events to sleep, and names the right database', () => {
    events.length = 0
    const head =
      "CREATE DEFINER=`r`@`l` EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' ON COMPLETION NOT PRESERVE"
    expect(admit(`${head} ENABLE DO DELETE FROM log`)).toMatch(/PRESERVE\s+DISABLE\s+DO DELETE/)
    expect(admit(`${head} DISABLE ON SLAVE DO DELETE FROM log`)).toMatch(/PRESERVE\s+DISABLE\s+DO DELETE/)
    expect(admit(`${head} COMMENT 'ENABLE' DO SELECT 1`)).toMatch(/PRESERVE\s+DISABLE\s+COMMENT 'ENABLE' DO/)
    expect(events.map(([, enabled]) => enabled)).toEqual([true, false, true])
    expect(admit('ALTER DATABASE `SIGL` CHARACTER SET utf8 COLLATE utf8_general_ci')).toBe(
      'ALTER DATABASE `scratch` CHARACTER SET UTF8 COLLATE UTF8_GENERAL_CI',
    )
    expect(reasonOf('ALTER DATABASE `SIGL` UPGRADE DATA DIRECTORY NAME')).toBe('not-of-a-dump')
  })
})

describe('the modes of a session', () => {
  const ansi = "SET @saved_sql_mode = @@sql_mode, sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES,ORACLE'"

  it('decide what quotes mean, in the guard and where statements end', async () => {
    const guard = newGuard()
    admit(ansi, guard)
    expect(admit('CREATE DEFINER="root"@"localhost" PACKAGE "p""k" AS PROCEDURE p1; END', guard)).toContain('PACKAGE')
    expect(admit('INSERT INTO "a" ("b") VALUES (\'"; x\')', guard)).toContain('VALUES')
    expect(reasonOf('INSERT INTO a VALUES ("x")', guard)).toBe('not-of-a-dump')
    expect(reasonOf('DROP TABLE "mysql"."user"', guard)).toBe('other-database')
    admit('SET sql_mode = @saved_sql_mode', guard)
    expect(admit('INSERT INTO a VALUES ("x")', guard)).toContain('VALUES')
    admit("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", guard)
    expect(admit("INSERT INTO a VALUES ('\\', 1)", guard)).toContain('VALUES')
    expect(reasonOf("INSERT INTO a VALUES ('\\', sleep(1), '\\')", guard)).toBe('not-of-a-dump')

    const folder = mkdtempSync(join(tmpdir(), 'arche-sql-'))
    writeFileSync(join(folder, 'a.sql'), "SET sql_mode = 'NO_BACKSLASH_ESCAPES';\nSELECT 'a\\';\nSELECT 'b';\n")
    const file = await open(join(folder, 'a.sql'))
    const other = newGuard()
    const found: string[] = []
    for await (const { text, bytes, line, end, length } of statementsOf(file, () => other.quoting)) {
      found.push(text)
      if (text.startsWith('SET')) other.admit({ text, bytes, line, end, length })
    }
    await file.close()
    rmSync(folder, { recursive: true })
    expect(found.slice(1)).toEqual(["SELECT 'a\\'", "SELECT 'b'"])
  })

  it.each([
    'SET @@SESSION.SQL_LOG_BIN= 0',
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:7'",
    "/*!80000 SET GLOBAL gtid_purged = '' */",
    'SET SESSION SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN, @@global.gtid_slave_pos = 1',
    '/*!80002 ANALYZE TABLE `a` UPDATE HISTOGRAM ON `b`,`c` WITH 100 BUCKETS */',
    'ANALYZE NO_WRITE_TO_BINLOG TABLE a UPDATE HISTOGRAM ON b',
    "CHANGE MASTER TO MASTER_LOG_FILE='binlog.000002', MASTER_LOG_POS=157",
    'LOCK TABLES `a` WRITE, b READ',
    'UNLOCK TABLES',
  ])('leave out what changes nothing of a database: %s', (sql) => {
    expect(admit(sql, newGuard(false))).toBeUndefined()
  })

  it('keep what stands beside what is left out', () => {
    expect(admit("SET @OLD=@@SQL_MODE, @@SESSION.SQL_LOG_BIN=0, sql_mode='ANSI'")).toBe(
      "SET @OLD=@@SQL_MODE, sql_mode='ANSI'",
    )
    expect(reasonOf('ANALYZE SELECT 1')).toBe('not-of-a-dump')
    expect(reasonOf('SET sql_log_bin = 0, GLOBAL general_log = 1')).toBe('not-of-a-dump')
  })
})

describe('the name of the dumped database', () => {
  function ofDump(own: string): Guard {
    return new Guard({ server: { number: 101119, mariadb: true }, database: 'new', own, events: () => 'DISABLE' })
  }

  it.each([
    [
      'CREATE TABLE t (id bigint DEFAULT nextval(`A`.`s`), b int)',
      'CREATE TABLE t (id bigint DEFAULT nextval(`new`.`s`), b int)',
    ],
    [
      'CREATE TABLE `A`.`t` (a int, FOREIGN KEY (a) REFERENCES A.u (a))',
      'CREATE TABLE `new`.`t` (a int, FOREIGN KEY (a) REFERENCES `new`.u (a))',
    ],
    ['DO SETVAL(`A`.`s`, 1, 0)', 'DO SETVAL(`new`.`s`, 1, 0)'],
    ['INSERT INTO `A`.`t` VALUES (1)', 'INSERT INTO `new`.`t` VALUES (1)'],
    ['DROP TABLE IF EXISTS `A`.`t`', 'DROP TABLE IF EXISTS `new`.`t`'],
    [
      'CREATE TRIGGER A.x BEFORE INSERT ON A.t FOR EACH ROW SET @a = A.f()',
      'CREATE TRIGGER `new`.x BEFORE INSERT ON `new`.t FOR EACH ROW SET @a = A.f()',
    ],
    [
      'CREATE VIEW `v` AS select `A`.`t`.`id` AS `id` from `t`',
      'CREATE VIEW `v` AS select `new`.`t`.`id` AS `id` from `t`',
    ],
    [
      'CREATE VIEW `v` AS select `A`.`id` AS `A`,nextval(`A`.`s`) AS `n` from `A`',
      'CREATE VIEW `v` AS select `A`.`id` AS `A`,nextval(`new`.`s`) AS `n` from `A`',
    ],
    [
      'CREATE VIEW `v` AS select `t`.`A` AS `A` from `A`.`t`',
      'CREATE VIEW `v` AS select `t`.`A` AS `A` from `new`.`t`',
    ],
  ])('gives way to that of the new one: %s', (sql, expected) => {
    expect(admit(sql, ofDump('A'))).toBe(expected)
  })

  it('is no other one, and does not let a table be filled that runs code', () => {
    expect(reasonOf('CREATE TABLE t (id bigint DEFAULT nextval(`B`.`s`))', ofDump('A'))).toBe('other-database')
    expect(reasonOf('INSERT INTO `B`.`t` VALUES (1)', ofDump('A'))).toBe('other-database')
    const guard = ofDump('A')
    admit('CREATE TRIGGER x BEFORE INSERT ON A.t FOR EACH ROW SET @a = 1', guard)
    expect(reasonOf('INSERT INTO A.t VALUES (1)', guard)).toBe('runs-code')
  })

  it('is read from the head of a dump', () => {
    expect(databaseIn('-- MariaDB dump 10.19\n--\n-- Host: localhost    Database: a `b` é\n-- ---')).toBe('a `b` é')
    expect(databaseIn('-- phpMyAdmin SQL Dump\n--\n-- Base de données : `SIGL`\n--\n')).toBe('SIGL')
    expect(databaseIn('SELECT 1;')).toBeUndefined()
  })
})
