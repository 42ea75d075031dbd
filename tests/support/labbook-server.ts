// A LabBook server to back up: its database in a MariaDB of the test's own (with everything that databases can hold), and its storage folder.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { golden } from './golden.ts'
import type { Mariadb } from './mariadb.ts'

/** What option files, shells and SQL treat as special. */
export const databasePassword = ` p"a's\\s #w%o\\\\r;d=é漢\tü$(id)\\`

const odd = '`odd "name" $ é`'

/** LabBook's own tables, and beside them every type of column, an object of every kind, and values that are easily lost. */
const everything = String.raw`
SET NAMES utf8mb4;
CREATE TABLE kinds (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a TINYINT, b SMALLINT UNSIGNED ZEROFILL, c MEDIUMINT, d INT, e DECIMAL(30,10), f FLOAT, g DOUBLE,
  h BIT(9), i DATE, j DATETIME(6), k TIMESTAMP(3) NULL, l TIME(2), m YEAR, n CHAR(5), o VARCHAR(200) CHARACTER SET utf8mb4,
  p BINARY(4), q VARBINARY(300), r TINYBLOB, s BLOB, t MEDIUMBLOB, u LONGBLOB, v TINYTEXT, w MEDIUMTEXT CHARACTER SET utf8mb4, x LONGTEXT CHARACTER SET latin1,
  y ENUM('é','b'), z SET('x','y','z'), js JSON, ge GEOMETRY, ip INET6, uu UUID, gen BIGINT AS (d * 2) STORED, inv INT INVISIBLE DEFAULT 7
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci;
INSERT INTO kinds (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,js,ge,ip,uu) VALUES
 (-128,65535,-8388608,2147483647,12345678901234567890.0123456789,1.5e-30,2.2250738585072014e-308,b'100000001','1000-01-01','9999-12-31 23:59:59.999999',
  '2026-03-29 01:30:00.123','-838:59:59.99',2155,'é','🚢👩‍👧 “x” \\ '' " \n\r\t\0 end ',0x00FF0027,0x000A0D1A5C2227,'',0x00,REPEAT(0xFF00275C,5000),REPEAT(0x00,3000000),
  '','漢字🚢','é\\','é','x,z','{"a":"é🚢\\"\\n"}',ST_GeomFromText('POLYGON((0 0,0 3,3 3,0 0))'),'::1','123e4567-e89b-12d3-a456-426655440000'),
 (NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE ${odd} (${'`'}se lect${'`'} INT PRIMARY KEY, ref BIGINT UNSIGNED, CONSTRAINT parent FOREIGN KEY (ref) REFERENCES kinds (id)) ENGINE=InnoDB;
INSERT INTO ${odd} VALUES (1,1),(2,NULL);
CREATE TABLE log (at DATETIME, text VARCHAR(100)) ENGINE=InnoDB;
CREATE VIEW seen AS SELECT id, o FROM kinds WHERE o IS NOT NULL;
DELIMITER ;;
CREATE TRIGGER noted AFTER INSERT ON kinds FOR EACH ROW BEGIN INSERT INTO log VALUES (NOW(), 'é; "x"'); END;;
CREATE PROCEDURE twice(IN n INT, OUT m INT) BEGIN /* é; */ SET m = n * 2; END;;
CREATE FUNCTION greet(name VARCHAR(20)) RETURNS VARCHAR(40) DETERMINISTIC RETURN CONCAT('Bonjour, ', name, ' ç');;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM log;;
DELIMITER ;
`

/** Makes database, user and storage folder, and gives the source that backs them up. */
export function labbookServer(server: Mariadb, folder: string): LabbookSource {
  server.sql('CREATE DATABASE SIGL CHARACTER SET utf8 COLLATE utf8_unicode_ci')
  server.load(join(golden, 'expected-dump.sql'), 'SIGL')
  server.sql(everything, 'SIGL')
  const quoted = Buffer.from(databasePassword).toString('hex')
  server.sql(
    `SET @make = CONCAT('CREATE USER labbook@localhost IDENTIFIED BY ', QUOTE(CONVERT(0x${quoted} USING utf8mb4)));
     PREPARE make FROM @make; EXECUTE make;
     GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON \`SI_L\`.* TO labbook@localhost; GRANT SELECT ON mysql.proc TO labbook@localhost;`,
  )
  return {
    kind: 'labbook',
    storage: storageFolder(folder),
    database: { name: 'SIGL', user: 'labbook', socket: server.socket },
  }
}

/** The documents of the golden backup, as they lie on a server. */
function storageFolder(folder: string): string {
  const storage = join(folder, 'stockage é')
  mkdirSync(join(storage, 'upload/été/ab'), { recursive: true })
  mkdirSync(join(storage, 'report'))
  mkdirSync(join(storage, 'resource'))
  mkdirSync(join(storage, 'unrelated'))
  for (const number of [1, 2, 3]) writeFileSync(join(storage, `report/cr_${number}.pdf`), `report ${number}`)
  writeFileSync(join(storage, 'upload/été/ab/résultat n°1 (copie).txt'), 'é')
  writeFileSync(join(storage, 'upload/été/ab/scan.bin'), Buffer.alloc(20_000, 7))
  cpSync(join(golden, 'key-password.txt'), join(storage, 'resource/logo.png'))
  return storage
}

/** The whole content of a database as text, to be compared: as the maker's own program tells it, with further options of that. */
export function contentOf(server: Mariadb, database: string, ...options: string[]): string {
  return execFileSync(
    'mariadb-dump',
    [
      '--no-defaults',
      `--socket=${server.socket}`,
      '--user=root',
      '--routines',
      '--triggers',
      '--events',
      '--hex-blob',
      '--order-by-primary',
      '--skip-comments',
      '--skip-extended-insert',
      '--max-allowed-packet=512M',
      ...options,
      database,
    ],
    { encoding: 'latin1', maxBuffer: 256 * 1024 * 1024 },
  )
}
