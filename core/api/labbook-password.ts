// Which key passwords pass through LabBook's own restore: its server writes the password into a shell script without quotes
// (`export LABBOOK_KEY_PWD=…` in container_settings.sh), so that characters with a meaning there cut or change it. Found by trying its own script.
// Says nothing about Arche, gpg, or LabBook's tool on a command line: these take any password.

/** Blanks, quotes, `$ ; & | < > ( ) \\ {` and the backquote; a tilde where a shell looks for a home folder. */
const lost = /[\s'"`$;&|<>()\\{]|^~|[:=]~/u

export function passesLabbook(password: string): boolean {
  return !lost.test(password)
}
