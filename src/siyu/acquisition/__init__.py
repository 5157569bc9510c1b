"""Where friends come from: sources, codes on links and cards, gift or card for every parcel.

Every parcel in scope carries exactly one of gift and card; each other one has its reason.
"""
