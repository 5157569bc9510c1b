"""Ready-made plans as files: journeys, materials, offers and sources, installed in one transaction.

A playbook is a folder of text: `playbook.yaml`, `materials.yaml`, `journeys/*.yaml`.
"""
