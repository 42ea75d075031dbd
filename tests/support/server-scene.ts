// A small server (database and folders) and a backup that differs from it in everything, for restores that are killed or fail on the way.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../core/archive/archive.ts'
import type { Restored } from '../../core/restore/outcome.ts'
import type { ServerContext } from '../../core/restore/server/context.ts'
import { planServer, type ServerPlan } from '../../core/restore/server/plan.ts'
import { restoreServer } from '../../core/restore/server/server.ts'
import { bodyOf } from './entries.ts'
import type { Mariadb } from './mariadb.ts'

export const sceneDatabase = 'labo d’été'

const oldSql = `
CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(40) CHARACTER SET utf8mb4) ENGINE=InnoDB AUTO_INCREMENT=70;
CREATE TABLE child (id INT, CONSTRAINT of_parent FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE gone (a INT) ENGINE=MyISAM;
INSERT INTO parent VALUES (1, 'ancien 🚢'), (2, 'old'); INSERT INTO child VALUES (1), (2); INSERT INTO gone VALUES (5);
CREATE VIEW seen AS SELECT text FROM parent;
CREATE DEFINER=somebody@nowhere TRIGGER noted AFTER INSERT ON parent FOR EACH ROW INSERT INTO gone VALUES (NEW.id);
CREATE PROCEDURE old_only() SELECT 'é; old';
CREATE FUNCTION both_have() RETURNS INT DETERMINISTIC RETURN 1;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM gone;
ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci;
`

export const newSql = `/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS \`parent\`;
CREATE TABLE \`parent\` (\`id\` int NOT NULL, \`more\` text, PRIMARY KEY (\`id\`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO \`parent\` (\`id\`, \`more\`) VALUES (1,'nouveau 🚀'),(9,'new; -- no end');
CREATE TABLE \`child\` (\`id\` int, CONSTRAINT \`of_parent\` FOREIGN KEY (\`id\`) REFERENCES \`parent\` (\`id\`)) ENGINE=InnoDB;
INSERT INTO \`child\` VALUES (9);
CREATE TABLE \`fresh\` (\`a\` int) ENGINE=InnoDB;
/*!50001 CREATE VIEW \`seen\` AS SELECT \`parent\`.\`more\` AS \`more\` FROM \`parent\` */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`other\`@\`there\`*/ /*!50003 TRIGGER \`noted\` BEFORE INSERT ON \`fresh\` FOR EACH ROW BEGIN SET NEW.a = 1; END */;;
CREATE FUNCTION \`both_have\`() RETURNS int DETERMINISTIC RETURN 2 ;;
/*!50106 CREATE EVENT \`hourly\` ON SCHEDULE EVERY 1 HOUR STARTS '2031-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM fresh */ ;;
DELIMITER ;
`

/** Makes the old state: the database, and folders in `work`/storage. */
export function makeServer(server: Mariadb, work: string): void {
  server.sql(`CREATE DATABASE \`${sceneDatabase}\``)
  server.sql(oldSql, sceneDatabase)
  for (const name of ['report', 'upload/deep']) mkdirSync(join(work, 'storage', name), { recursive: true })
  writeFileSync(join(work, 'storage/report/old.pdf'), 'old')
  writeFileSync(join(work, 'storage/upload/deep/same'), 'old content')
}

function file(path: string, text: string): Entry {
  const data = Buffer.from(text)
  return { path, type: 'file', mode: 0o640, uid: 0, gid: 0, mtime: 1_000_000, size: data.length, ...bodyOf(data) }
}

function folder(path: string): Entry {
  return { path, type: 'folder', mode: 0o750, uid: 0, gid: 0, mtime: 1_000_000, size: 0 }
}

/** The backup; `resource` does not stand on the server. */
function sceneEntries(sql = newSql): Entry[] {
  return [
    folder('dump'),
    file('dump/dump.sql', sql),
    folder('report'),
    file('report/new.pdf', 'new'),
    folder('upload'),
    file('upload/other', 'new content'),
    folder('resource'),
    file('resource/logo.png', 'logo'),
  ]
}

export function planScene(work: string, socket: string, temp: string, user = 'root'): Promise<ServerPlan> {
  const database = { name: sceneDatabase, user, socket }
  return planServer({ database, storage: join(work, 'storage'), entries: sceneEntries(), temp })
}

/** What `restoreServer` gives back, with its one journal and the database that it keeps. */
export type SceneRestored = Restored & {
  readonly journal: string
  readonly folders: readonly string[]
  readonly kept?: string
}

export async function restoreScene(
  work: string,
  socket: string,
  ctx: ServerContext,
  sql?: string,
): Promise<SceneRestored> {
  const plan = await planScene(work, socket, ctx.temp)
  const saveFirst = async () => ctx.report.operation('safety')
  async function* entries() {
    yield* sceneEntries(sql)
  }
  const done = await restoreServer(plan, entries(), { ...ctx, saveFirst })
  const { safety, database } = done
  const kept = database?.kept === undefined ? {} : { kept: database.kept }
  return { ...done, journal: safety.journals[0] as string, folders: safety.folders, ...kept }
}
