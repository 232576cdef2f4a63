//go:build !linux

package main

import "syscall"

// attributes is empty where the kernel has no such thing; the lifeline remains.
func attributes() *syscall.SysProcAttr { return nil }

func waitForEnd(pid int) { pollForEnd(pid) }
