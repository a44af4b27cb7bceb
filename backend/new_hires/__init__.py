"""The advance for new hires (二(一), 锡人社发〔2020〕5号): paid before their training, checked after it, else recovered.

Knows neither claims nor payments: those who pay ask it what is payable. Imported by reviews, payments, retention,
registers and the doors.
"""
