package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes lets the kernel kill a part together with the supervisor, also one that hangs.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// waitForEnd returns when the process has ended, also when nobody has asked for its exit code yet. It
// holds on to the process itself, not to a number that another one may get.
func waitForEnd(pid int) {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		pollForEnd(pid)
		return
	}
	defer func() { _ = unix.Close(process) }()
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(process), Events: unix.POLLIN}}, -1)
		if err != unix.EINTR {
			return
		}
	}
}
