"""The log: trees and notes against other people's vectors and readers, the sequencer against crashes, backups and hands."""
