# Runs as the first process of a real kernel, and shuts the machine down at the end.
#
# boot.mjs puts its lines before these: the variables package and node, the test's environment, the command as "$@".
# The command's output goes to the first serial line, its exit code to the second.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -sfn /proc/self/fd /dev/fd
ip link set lo up
hostname machine

mkdir -p "$package" "${node%/*}"
mount -t ext4 -o noatime /dev/ubdb "$package"
ln -sf "$package/target/guest/node" "$node"
ln -sf "$package/target/guest/node" /usr/local/bin/node
# A test mounts a file.
insmod "$package/target/guest/modules/$(uname -r)/loop.ko"

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb CI=true
# As systemd sets it. This kernel's own limit of 4,096 is lower.
ulimit -n 524288
cd "$package" || exit
stty -F /dev/ttyS0 raw
{ setsid --wait "$@" </dev/null 2>&1; echo $? >/exit-code; } | cat >/dev/ttyS0
# The shell stays the first process: it reaps orphans.
cat /exit-code >/dev/ttyS1
echo o >/proc/sysrq-trigger
sleep 60
