import { describe, expect, it } from 'vitest'
import { hasNoEvents, mountIn, mountOf, volumeName } from '../../src/main/files/mounts.ts'

const table = [
  '22 27 0:21 / /proc rw,relatime - proc proc rw',
  '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '40 27 0:50 / /srv/share rw,relatime shared:3 - nfs4 nas:/export/media rw,vers=4.2',
  '41 27 0:51 / /srv/share/inner rw - tmpfs none rw',
  '42 27 0:52 / /media/u/My\\040Disk rw - fuseblk /dev/sdb1 rw',
  '43 27 0:53 / /srv/share rw - cifs //other/thing rw',
  '',
].join('\n')

describe('the mount of a path', () => {
  it.each([
    ['/home/u/music', 'ext4 /dev/vda'],
    ['/srv/shared', 'ext4 /dev/vda'],
    ['/srv/share', 'cifs //other/thing'],
    ['/srv/share/a/b', 'cifs //other/thing'],
    ['/srv/share/inner/b', 'tmpfs none'],
    ['/media/u/My Disk/in', 'fuseblk /dev/sdb1'],
  ])('of %s is %s', (path, expected) => {
    const mount = mountIn(table, path)
    expect(`${mount?.type} ${mount?.source}`).toBe(expected)
  })

  it('tells nothing of what others do where it is a server’s or a program’s', () => {
    const types = ['ext4', 'xfs', 'btrfs', 'tmpfs', 'nfs4', 'nfs', 'cifs', 'smb3', 'fuse.sshfs', 'fuseblk', '9p', 'virtiofs']
    expect(types.filter((type) => hasNoEvents({ id: '', type, source: '' }))).toEqual([
      'nfs4',
      'nfs',
      'cifs',
      'smb3',
      'fuse.sshfs',
      'fuseblk',
      '9p',
      'virtiofs',
    ])
  })

  it('is a server’s on Windows where the path begins with one', async () => {
    expect({ share: await mountOf('\\\\nas\\media\\in', 'win32'), drive: await mountOf('C:\\in', 'win32') }).toEqual({
      share: { id: '', type: 'smb', source: '\\\\nas\\media' },
      drive: null,
    })
  })

  it.runIf(process.platform === 'linux')('is found on this machine, with a name that stays', async () => {
    const mount = await mountOf('/proc/self', 'linux')
    expect({ type: mount?.type, volume: mount === null ? null : await volumeName(mount) }).toEqual({
      type: 'proc',
      volume: 'proc proc',
    })
  })
})
