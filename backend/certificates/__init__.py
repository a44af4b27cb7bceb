"""Certificates (培训合格证书, clauses 三 and 四.2): issued when attendance and score both pass, numbered, sealed, verifiable by
anybody, revocable. Knows classes, the credit bank and quizzes; claims ask it who is certified."""
