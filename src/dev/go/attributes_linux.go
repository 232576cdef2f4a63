package main

import "syscall"

// attributes lets the kernel kill a part together with the supervisor, also one that hangs.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
